//! Starts an actor so that it cannot outlive its parent.
fn main() {}
