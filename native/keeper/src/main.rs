//! Forks shells and programs and holds their terminals and pipes.
fn main() {}
