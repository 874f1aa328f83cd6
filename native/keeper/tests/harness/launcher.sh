#!/bin/sh
# Stands for bulkhead-launch where the walls are not what is tested: becomes what comes after the dashes.
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
