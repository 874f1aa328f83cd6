//! The root of Bulkhead: lock, hub, windows, keeper.
fn main() {}
