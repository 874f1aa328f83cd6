//! `policy.json`: rules of a person or a workspace. Read whole or refused whole.
//!
//! ```json
//! {"rules": [{"id": "clients", "why": "what clients sent", "level": "guarded",
//!             "ops": ["read", "write"], "deny": ["~/clients", "*.secret"], "except": []}]}
//! ```

use crate::error::{PatternError, PolicyError};
use crate::pattern::Pattern;
use crate::places::Places;
use crate::rule::{Audience, Draft, Level, Ops, Rule, Source};
use serde::de::{Deserialize, Deserializer, Error};
use std::collections::HashSet;

/// Largest policy file, bytes.
pub const POLICY_BYTES_MAX: usize = 256 * 1024;
/// Most rules in one file.
const RULES_MAX: usize = 500;
/// Most patterns in one list of a rule.
const PATTERNS_MAX: usize = 100;
/// Longest id and longest reason, bytes.
const ID_BYTES_MAX: usize = 64;
const WHY_BYTES_MAX: usize = 500;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    #[serde(deserialize_with = "rule_list")]
    rules: Vec<RuleText>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    #[serde(deserialize_with = "rule_id")]
    id: String,
    #[serde(default, deserialize_with = "reason")]
    why: String,
    #[serde(default)]
    level: LevelText,
    #[serde(default = "both", deserialize_with = "operations")]
    ops: Ops,
    #[serde(deserialize_with = "deny_patterns")]
    deny: Vec<String>,
    #[serde(default, deserialize_with = "except_patterns")]
    except: Vec<String>,
}

#[derive(Clone, Copy, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum LevelText {
    #[default]
    Guarded,
    Fixed,
}

#[derive(Clone, Copy, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum OpText {
    Read,
    Write,
}

/// The rules of a file.
pub(crate) fn rules(
    text: &[u8],
    file: &str,
    source: Source,
    places: &Places,
) -> Result<Vec<Rule>, PolicyError> {
    let fail = |line, column, reason| PolicyError { file: file.to_owned(), line, column, reason };
    if text.len() > POLICY_BYTES_MAX {
        let reason = format!("has {} bytes, at most {POLICY_BYTES_MAX} may be", text.len());
        return Err(fail(1, 0, reason));
    }
    let parsed: FileText = serde_json::from_slice(text)
        .map_err(|error| fail(error.line().max(1), error.column(), without_place(&error)))?;
    let drafts = parsed.rules.iter().map(|rule| Rule::new(draft(rule, source), places));
    drafts.collect::<Result<_, PatternError>>().map_err(|error| fail(1, 0, error.to_string()))
}

fn draft(rule: &RuleText, source: Source) -> Draft<'_> {
    Draft {
        id: rule.id.clone(),
        why: rule.why.clone(),
        source,
        level: match rule.level {
            LevelText::Guarded => Level::Guarded,
            LevelText::Fixed => Level::Fixed,
        },
        audience: Audience::Everyone,
        ops: rule.ops,
        deny: rule.deny.iter().map(String::as_str).collect(),
        except: rule.except.iter().map(String::as_str).collect(),
    }
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).map_or(text.clone(), str::to_owned)
}

const fn both() -> Ops {
    Ops::All
}

fn rule_list<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<RuleText>, D::Error> {
    let rules = Vec::<RuleText>::deserialize(input)?;
    if rules.len() > RULES_MAX {
        let reason = format!("rules: {} of them, at most {RULES_MAX} may be", rules.len());
        return Err(D::Error::custom(reason));
    }
    let mut seen = HashSet::new();
    match rules.iter().find(|rule| !seen.insert(rule.id.as_str())) {
        Some(rule) => Err(D::Error::custom(format!("id: {:?} is there twice", rule.id))),
        None => Ok(rules),
    }
}

fn rule_id<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    let id = String::deserialize(input)?;
    let is_plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_plain && (1..=ID_BYTES_MAX).contains(&id.len()) {
        return Ok(id);
    }
    let rule = format!("must be 1 to {ID_BYTES_MAX} of a-z, 0-9 and -");
    Err(D::Error::custom(format!("id: {id:?} {rule}")))
}

fn reason<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    let why = String::deserialize(input)?;
    if why.len() <= WHY_BYTES_MAX {
        return Ok(why);
    }
    let text = format!("why: has {} bytes, at most {WHY_BYTES_MAX} may be", why.len());
    Err(D::Error::custom(text))
}

fn operations<'de, D: Deserializer<'de>>(input: D) -> Result<Ops, D::Error> {
    let ops = Vec::<OpText>::deserialize(input)?;
    match (ops.contains(&OpText::Read), ops.contains(&OpText::Write)) {
        (true, true) => Ok(Ops::All),
        (true, false) => Ok(Ops::Read),
        (false, true) => Ok(Ops::Write),
        (false, false) => Err(D::Error::custom("ops: is empty, so the rule would close nothing")),
    }
}

fn deny_patterns<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    let patterns = patterns(input, "deny")?;
    if patterns.is_empty() {
        return Err(D::Error::custom("deny: is empty, so the rule would close nothing"));
    }
    Ok(patterns)
}

fn except_patterns<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    patterns(input, "except")
}

/// Reads a list; a pattern that cannot be honoured is refused at its own line.
fn patterns<'de, D: Deserializer<'de>>(input: D, key: &str) -> Result<Vec<String>, D::Error> {
    let in_key = |reason: String| D::Error::custom(format!("{key}: {reason}"));
    let list = Vec::<CheckedPattern>::deserialize(input)
        .map_err(|error| D::Error::custom(format!("{key}: {error}")))?;
    if list.len() > PATTERNS_MAX {
        let reason = format!("{} patterns, at most {PATTERNS_MAX} may be", list.len());
        return Err(in_key(reason));
    }
    Ok(list.into_iter().map(|pattern| pattern.0).collect())
}

struct CheckedPattern(String);

impl<'de> Deserialize<'de> for CheckedPattern {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        Pattern::parse(&text, &Places::default()).map_err(D::Error::custom)?;
        Ok(Self(text))
    }
}
