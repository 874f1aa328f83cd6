//! The decision: deny beats all, a fixed rule beats a guarded one.

use crate::component::{Component, components};
use crate::error::{PatternError, PolicyError};
use crate::index::Index;
use crate::pattern::Pattern;
use crate::places::Places;
use crate::principal::Principal;
use crate::rule::{Audience, Draft, Level, Op, Ops, Rule, Source};
use crate::{builtin, file};

/// All rules in force. Made once, shared, never changed.
#[derive(Clone, Debug)]
pub struct Policy {
    places: Places,
    rules: Vec<Rule>,
    /// Made anew with every change of `rules`.
    index: Index,
}

/// Whether something may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// No rule closes it.
    Allow,
    /// A rule closes it.
    Deny(Denial),
}

/// What a denial names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Source and name: `built-in/dotenv`.
    pub rule: String,
    /// Who wrote the rule.
    pub source: Source,
    /// How firm it is.
    pub level: Level,
    /// Whether this principal could be granted it for ten minutes.
    pub liftable: bool,
    /// What the rule protects, for a person.
    pub why: String,
}

impl Decision {
    /// Whether no rule closes it.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow)
    }
}

impl Policy {
    /// The rules everybody has.
    ///
    /// # Errors
    /// When the table has a pattern that cannot be honoured, which its tests rule out.
    pub fn builtin(places: Places) -> Result<Self, PatternError> {
        let rules = builtin::rules(&places)?;
        let index = Index::of(&rules);
        Ok(Self { places, rules, index })
    }

    /// Adds the person's `policy.json`. `file` is its name for errors.
    ///
    /// # Errors
    /// Names file, line and key of the first thing that cannot be honoured; no rule of it is taken.
    pub fn with_user(self, text: &[u8], file: &str) -> Result<Self, PolicyError> {
        self.with_file(text, file, Source::User)
    }

    /// Adds a policy file of the workspace. A rule can only deny, so it can only narrow.
    ///
    /// # Errors
    /// As [`Policy::with_user`].
    pub fn with_workspace(self, text: &[u8], file: &str) -> Result<Self, PolicyError> {
        self.with_file(text, file, Source::Workspace)
    }

    /// Adds a built-in guarded rule for agents and MCP servers alone.
    ///
    /// # Errors
    /// When a pattern cannot be honoured.
    pub fn with_program_rule(
        mut self,
        id: &str,
        why: &str,
        deny: &[&str],
    ) -> Result<Self, PatternError> {
        let draft = Draft {
            id: id.to_owned(),
            why: why.to_owned(),
            source: Source::BuiltIn,
            level: Level::Guarded,
            audience: Audience::Programs,
            ops: Ops::All,
            deny: deny.to_vec(),
            except: Vec::new(),
        };
        self.rules.push(Rule::new(draft, &self.places)?);
        Ok(self.indexed())
    }

    /// Closes everything to agents and MCP servers: for a workspace whose policy cannot be read.
    #[must_use]
    pub fn closed_to_programs(mut self, id: &str, why: &str) -> Self {
        self.rules.push(Rule {
            id: format!("{}/{id}", Source::BuiltIn),
            why: why.to_owned(),
            source: Source::BuiltIn,
            level: Level::Fixed,
            audience: Audience::Programs,
            ops: Ops::All,
            deny: Pattern::literal(b"/").into_iter().collect(),
            except: Vec::new(),
        });
        self.indexed()
    }

    /// Judges one operation on the real path of what is opened, or would be made.
    ///
    /// A path that is not absolute and real is denied.
    #[must_use]
    pub fn decide(&self, op: Op, path: &[u8], principal: &Principal) -> Decision {
        self.judge(path, principal, |path| {
            let found = self.index.candidates(path).filter_map(|(rule_no, pattern_no)| {
                let rule = self.rules.get(rule_no)?;
                let is_closed = rule.ops.has(op) && rule.closes_by(pattern_no, path);
                is_closed.then_some(rule_no)
            });
            found.collect()
        })
    }

    /// Judges a change of the name `path`: denied where something beneath it is covered by a rule that
    /// goes by the name, as `.git` for `.git/hooks`. Ask it at both ends of a rename, and for anything
    /// but a folder that is made. [`Policy::decide`] has to be asked as well.
    #[must_use]
    pub fn decide_move(&self, path: &[u8], principal: &Principal) -> Decision {
        self.judge(path, principal, |path| {
            let rules = self.rules.iter().enumerate();
            rules.filter(|(_, rule)| rule.is_beneath(path)).map(|(number, _)| number).collect()
        })
    }

    /// Paths that rules against reading name one by one: where secrets lie outside the workspace.
    pub fn closed_places(&self) -> impl Iterator<Item = &[u8]> {
        let rules = self.rules.iter().filter(|rule| rule.ops.has(Op::Read));
        rules.flat_map(|rule| &rule.deny).filter_map(Pattern::place)
    }

    /// Extends rules that name a place to where that place really lies, when it is a symlink. `real`
    /// returns `None` for what is not there.
    pub fn resolve(&mut self, real: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        for rule in &mut self.rules {
            let found = rule.deny.iter().filter_map(Pattern::place).filter_map(|place| {
                let real = real(place)?;
                (real != place && real != b"/").then(|| Pattern::literal(&real)).flatten()
            });
            let found: Vec<Pattern> = found.collect();
            rule.deny.extend(found);
        }
        self.index = Index::of(&self.rules);
    }

    /// The folders the rules speak of.
    #[must_use]
    pub const fn places(&self) -> &Places {
        &self.places
    }

    /// Names of all rules, in the order they are looked at.
    pub fn rule_ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.id.as_str())
    }

    fn with_file(mut self, text: &[u8], file: &str, source: Source) -> Result<Self, PolicyError> {
        self.rules.extend(file::rules(text, file, source, &self.places)?);
        Ok(self.indexed())
    }

    fn indexed(mut self) -> Self {
        self.index = Index::of(&self.rules);
        self
    }

    /// Names the firmest of the rules that `closing` gives; of equally firm ones the first.
    fn judge(
        &self,
        path: &[u8],
        principal: &Principal,
        closing: impl Fn(&[Component]) -> Vec<usize>,
    ) -> Decision {
        let path = match components(path) {
            Ok(path) => path,
            Err(error) => return Decision::Deny(malformed(&error.to_string())),
        };
        let concerned = closing(&path).into_iter().filter(|number| {
            let audience = self.rules.get(*number).map(|rule| rule.audience);
            audience == Some(Audience::Everyone) || principal.is_program()
        });
        let firmest = concerned.min_by_key(|number| {
            let level = self.rules.get(*number).map(|rule| rule.level);
            (std::cmp::Reverse(level), *number)
        });
        match firmest.and_then(|number| self.rules.get(number)) {
            None => Decision::Allow,
            Some(rule) => Decision::Deny(Denial {
                rule: rule.id.clone(),
                source: rule.source,
                level: rule.level,
                liftable: rule.level == Level::Guarded && *principal == Principal::Person,
                why: rule.why.clone(),
            }),
        }
    }
}

fn malformed(reason: &str) -> Denial {
    Denial {
        rule: format!("{}/malformed-path", Source::BuiltIn),
        source: Source::BuiltIn,
        level: Level::Fixed,
        liftable: false,
        why: reason.to_owned(),
    }
}
