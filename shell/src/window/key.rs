//! Random keys: 256 bits as 64 hex digits.
use rustix::rand::{GetRandomFlags, getrandom};

use crate::error::WindowError;

/// Bytes of randomness in a key.
const KEY_BYTES: usize = 32;

/// A fresh key.
///
/// # Errors
/// `window/random` when the kernel gives no randomness.
pub(crate) fn fresh() -> Result<String, WindowError> {
    let mut bytes = [0_u8; KEY_BYTES];
    let got = getrandom(&mut bytes, GetRandomFlags::empty())
        .map_err(|error| WindowError::new("window/random", format!("no randomness: {error}")))?;
    if got != KEY_BYTES {
        let message = format!("got {got} random bytes of {KEY_BYTES}");
        return Err(WindowError::new("window/random", message));
    }
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Compares without telling by its duration where the first difference is.
pub(crate) fn same(left: &str, right: &str) -> bool {
    if left.len() != right.len() {
        return false;
    }
    left.bytes().zip(right.bytes()).fold(0_u8, |seen, (a, b)| seen | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::{fresh, same};

    #[test]
    fn keys_are_long_and_differ() {
        let (one, two) = (fresh().unwrap(), fresh().unwrap());
        assert_eq!(one.len(), 64);
        assert!(!same(&one, &two));
        assert!(same(&one, &one.clone()));
        assert!(!same(&one, &one[..63]));
    }
}
