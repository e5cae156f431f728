//! A rule: a static with an id, a level and a page, declared beside the code that reports it.

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not reported.
    Allow,
    /// Reported; the fleet still builds.
    Warn,
    /// Reported; nothing is built.
    Error,
}

impl Level {
    /// The word that reports use.
    pub fn word(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warning",
            Level::Error => "error",
        }
    }
}

/// What a rule is about; the book groups its pages by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// YAML and the form of the fleet file.
    Language,
    /// Names, MAC addresses, host names.
    Identity,
    /// Addresses and networks.
    Network,
    /// Disks, partitions, filesystems, mounts.
    Storage,
    /// Users, hooks and the installer's other settings.
    Installer,
    /// URLs, kernel arguments and boot scripts.
    Ipxe,
    /// The text that the first boot gets.
    FirstBoot,
    /// Bundles.
    Software,
    /// Versions of the operating system, and the installers that go with them.
    Release,
    /// What the server hands to anybody who asks.
    Secrets,
    /// What a change does to the machines.
    Change,
    /// What works, and misleads those who read it.
    Hygiene,
    /// What other programs left behind, and `fleetc import` reads.
    Import,
}

impl Family {
    /// The heading of the family in the book.
    pub fn title(self) -> &'static str {
        match self {
            Family::Language => "Language",
            Family::Identity => "Identity",
            Family::Network => "Network",
            Family::Storage => "Storage",
            Family::Installer => "Installer",
            Family::Ipxe => "iPXE",
            Family::FirstBoot => "First boot",
            Family::Software => "Software",
            Family::Release => "Release",
            Family::Secrets => "Secrets",
            Family::Change => "Changes",
            Family::Hygiene => "Hygiene",
            Family::Import => "Imports",
        }
    }
}

/// One thing that fleetc reports.
#[derive(Debug)]
pub struct Rule {
    /// Its name, in kebab-case; "allow *id*" reads as a sentence.
    pub id: &'static str,
    /// The names that it had before, oldest first: they are understood wherever a rule is named.
    pub formerly: &'static [&'static str],
    /// What it is about.
    pub family: Family,
    /// Its level unless changed.
    pub level: Level,
    /// Whether the level cannot be changed: no fleet is left, or a machine would be wiped or stranded.
    pub fixed: bool,
    /// The version of fleetc that brought it.
    pub since: &'static str,
    /// Its doc comment, as the compiler hands it on; [`Page`] reads it.
    pub doc: &'static str,
}

impl Rule {
    /// The rule of this name, which may be one that it had before.
    pub fn named(rules: &[&'static Rule], id: &str) -> Option<&'static Rule> {
        let now = rules.iter().find(|rule| rule.id == id);
        now.or_else(|| rules.iter().find(|rule| rule.formerly.contains(&id))).copied()
    }

    /// Its level in words: `error, always` where the level cannot be changed.
    pub fn weight(&self) -> &'static str {
        match (self.level, self.fixed) {
            (Level::Error, true) => "error, always",
            (level, _) => level.word(),
        }
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        self.id == other.id
    }
}

/// A fenced block of a rule's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The file that the block stands for: the name after the language, `fleet.yaml` without one.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// A rule's page: Markdown with *What it does*, *Why it matters*, *Example*, *Instead*.
#[derive(Debug)]
pub struct Page {
    text: String,
}

impl Page {
    /// The page of a rule: its doc comment without the blank before each line.
    pub fn of(rule: &Rule) -> Page {
        let lines = rule.doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        Page { text: lines.flat_map(|line| [line, "\n"]).collect() }
    }

    /// The whole page.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text below a heading, up to the next one.
    pub fn section(&self, title: &str) -> Option<&str> {
        let head = format!("## {title}\n");
        let start = self.text.find(&head)? + head.len();
        let rest = &self.text[start..];
        Some(rest[..rest.find("\n## ").map_or(rest.len(), |at| at + 1)].trim_matches('\n'))
    }

    /// The first paragraph of *What it does*.
    pub fn summary(&self) -> &str {
        let text = self.section("What it does").unwrap_or_default();
        text.split("\n\n").next().unwrap_or_default()
    }

    /// The fenced blocks below a heading.
    pub fn blocks(&self, title: &str) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for line in self.section(title).unwrap_or_default().lines() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(info), None) => {
                    let file = info.split_once(' ').map_or("fleet.yaml", |(_, name)| name.trim()).to_string();
                    open = Some(Block { file, text: String::new() });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, Some(block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        blocks
    }
}

/// Declares a rule: its page as a doc comment, then `static name, registry function: "id", family, level;`. A renamed
/// rule keeps its old names behind the new one: `"id" formerly ["older", "old"]`.
///
/// The static stays with the code that reports it. The function is for the registry alone, so that a rule which the
/// registry forgets is dead code and does not compile clean.
macro_rules! rule {
    ($(#[doc = $doc:literal])* $vis:vis $name:ident, $entry:ident: $id:literal $(formerly [$($old:literal),+])?,
     $family:ident, $level:ident $(, $fixed:ident)?;) => {
        $(#[doc = $doc])*
        $vis static $name: $crate::diag::Rule = $crate::diag::Rule {
            id: $id,
            formerly: &[$($($old),+)?],
            family: $crate::diag::Family::$family,
            level: $crate::diag::Level::$level,
            fixed: $crate::diag::rule!(@fixed $($fixed)?),
            since: "0.1.0",
            doc: concat!($($doc, "\n"),*),
        };
        #[doc = concat!("The registry's entry for `", $id, "`.")]
        pub(crate) const fn $entry() -> &'static $crate::diag::Rule {
            &$name
        }
    };
    (@fixed) => { false };
    (@fixed fixed) => { true };
}
pub(crate) use rule;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{LevelError, Levels, Report, Sink};
    use crate::source::Sources;

    rule! {
        /// ## What it does
        /// This.
        NEW, new: "new-name" formerly ["oldest-name", "old-name"], Language, Error, fixed;
    }
    rule! {
        /// ## What it does
        /// That.
        OTHER, other: "other-name" formerly ["odd-name"], Language, Warn;
    }

    #[test]
    fn old_names_are_understood() {
        let rules = [new(), other()];
        for name in ["new-name", "old-name", "oldest-name"] {
            assert_eq!(Rule::named(&rules, name), Some(&NEW));
        }
        assert_eq!(Rule::named(&rules, "old"), None);
        let mut levels = Levels::default();
        assert_eq!(levels.set(&rules, "old-name", Level::Warn), Err(LevelError::Fixed("new-name")));
        levels.set(&rules, "odd-name", Level::Error).expect("the rule is known");
        assert_eq!(levels.of(&OTHER), Level::Error);
        assert_eq!((NEW.weight(), OTHER.weight()), ("error, always", "warning"));
    }

    #[test]
    fn a_comment_may_name_a_rule_by_its_old_name() {
        let mut sources = Sources::new("");
        let file = sources.add("fleet.yaml", "a: b # fleetc: allow(odd-name) because\n");
        let sink = Sink::default();
        sink.report(OTHER.at(crate::source::Span { file, start: 0, end: 1 }, "odd"));
        let report = Report::new(sink, &Levels::default(), &sources, &[new(), other()]);
        assert_eq!((report.findings.len(), report.suppressed.len()), (0, 1));
    }
}
