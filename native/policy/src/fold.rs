//! One spelling for all names a file system may hold to be the same.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The name in the spelling that is compared: NFC after full case folding, without the code points
/// that case-insensitive file systems ignore. Bytes that are not UTF-8 stay as they are.
pub(crate) fn fold(name: &[u8]) -> Vec<u8> {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let mut folded = Vec::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        fold_text(chunk.valid(), &mut folded);
        folded.extend_from_slice(chunk.invalid());
    }
    folded
}

fn fold_text(text: &str, out: &mut Vec<u8>) {
    let mut buffer = [0; 4];
    let kept = text.chars().filter(|&letter| !is_ignored(letter));
    for letter in kept.nfd().default_case_fold().nfd().nfc() {
        out.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
    }
}

/// Default_Ignorable_Code_Point of Unicode: ext4 with `casefold` and HFS+ skip them in a lookup.
fn is_ignored(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::fold;
    use proptest::prelude::{any, proptest};

    #[test]
    fn spells_names_alike_that_a_file_system_may_confuse() {
        let cases: [(&[u8], &[u8]); 8] = [
            (b".ENV", b".env"),
            ("stra\u{df}e".as_bytes(), b"strasse"),
            ("pro\u{fb01}le".as_bytes(), b"profile"),
            ("cafe\u{301}".as_bytes(), "caf\u{e9}".as_bytes()),
            ("\u{212a}ey".as_bytes(), b"key"),
            ("\u{17f}\u{17f}h".as_bytes(), b"ssh"),
            (".e\u{200b}nv".as_bytes(), b".env"),
            ("\u{feff}.env\u{202e}".as_bytes(), b".env"),
        ];
        for (name, wanted) in cases {
            assert_eq!(fold(name), wanted, "{}", String::from_utf8_lossy(name));
        }
    }

    #[test]
    fn keeps_bytes_that_are_not_utf8() {
        assert_eq!(fold(b"A\xffB"), b"a\xffb");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing_more(name in any::<String>()) {
            let once = fold(name.as_bytes());
            assert_eq!(fold(&once), once);
        }
    }
}
