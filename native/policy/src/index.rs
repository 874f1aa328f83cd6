//! Which patterns may meet a path at all, found by its names: most rules speak of names that are not in it.

use crate::component::Component;
use crate::rule::Rule;
use std::collections::HashMap;

/// A pattern by the numbers of its rule and of itself.
type At = (usize, usize);

/// Patterns by the name they end with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    by_last: HashMap<Vec<u8>, Vec<At>>,
    /// Patterns that end with no plain name.
    others: Vec<At>,
}

impl Index {
    pub(crate) fn of(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        for (rule_no, rule) in rules.iter().enumerate() {
            for (pattern_no, pattern) in rule.deny.iter().enumerate() {
                let at = (rule_no, pattern_no);
                match pattern.last_name() {
                    Some(name) => index.by_last.entry(name.to_vec()).or_default().push(at),
                    None => index.others.push(at),
                }
            }
        }
        index
    }

    /// Every pattern that could name a part of `path`; some come more than once.
    pub(crate) fn candidates<'a>(&'a self, path: &'a [Component]) -> impl Iterator<Item = At> + 'a {
        let names = path.iter().flat_map(|name| std::iter::once(&name.folded).chain(&name.copy_of));
        let found = names.filter_map(|name| self.by_last.get(name)).flatten();
        self.others.iter().chain(found).copied()
    }
}
