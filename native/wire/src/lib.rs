//! The frame protocol of Bulkhead (`bus/PROTOCOL.md`) in Rust.
