//! The window of Bulkhead.
fn main() {}
