//! The tables: names, keys and columns, in one order that writing and reading share.

use crate::{dialect::Dialect, value::Reader};

/// A table. The tenant comes first in every key and stands in `keys` too.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Columns that are not part of the key.
    pub(crate) columns: &'static [&'static str],
    pub(crate) keys: &'static [&'static str],
    /// Columns that a record does not say: an UPDATE adds to them.
    pub(crate) counters: &'static [&'static str],
    /// When a record's state is its last.
    pub(crate) over: Option<&'static str>,
}

pub(crate) const PERSON: Table = Table {
    name: "persons",
    columns: &[
        "adult_on",
        "zone",
        "reminders_off",
        "reminded",
        "restrictions",
        "version",
        "banned",
        "muted",
    ],
    keys: &["tenant", "person"],
    counters: &[],
    over: None,
};

pub(crate) const RELATION: Table = Table {
    name: "relations",
    columns: &[
        "lo_blocked_at",
        "lo_lifted_at",
        "lo_avoids_since",
        "lo_wishes_since",
        "hi_blocked_at",
        "hi_lifted_at",
        "hi_avoids_since",
        "hi_wishes_since",
        "kept_doc",
        "version",
        "blocked",
    ],
    keys: &["tenant", "lo", "hi"],
    counters: &["live_pairs", "open_proposals"],
    over: None,
};

pub(crate) const PROGRAM: Table = Table {
    name: "programs",
    columns: &[
        "group_key",
        "template",
        "template_version",
        "topic",
        "title",
        "state",
        "state_doc",
        "window_doc",
        "zone",
        "policy",
        "form_version",
        "guide_version",
        "created_by",
        "created_at",
        "version",
        "due_at",
    ],
    keys: &["tenant", "id"],
    counters: &[],
    over: Some("state IN ('archived', 'discarded')"),
};

pub(crate) const ENROLLMENT: Table = Table {
    name: "enrollments",
    columns: &[
        "program",
        "person",
        "role",
        "state",
        "state_doc",
        "capacity",
        "priority_since",
        "consent",
        "form_version",
        "answers",
        "applied_at",
        "version",
        "due_at",
        "live",
        "live_limit",
    ],
    keys: &["tenant", "id"],
    counters: &[],
    over: Some("live IS NULL"),
};

pub(crate) const PROPOSAL: Table = Table {
    name: "proposals",
    columns: &[
        "program",
        "mentor",
        "mentor_person",
        "mentee",
        "mentee_person",
        "origin",
        "state",
        "state_doc",
        "choice",
        "score_doc",
        "run",
        "previous_pair",
        "offered_at",
        "created_by",
        "created_at",
        "version",
        "due_at",
        "lo",
        "hi",
        "open",
        "holds",
    ],
    keys: &["tenant", "id"],
    counters: &[],
    over: Some("open IS NULL"),
};

pub(crate) const RUN: Table = Table {
    name: "runs",
    columns: &["program", "digest", "details", "created_by", "created_at"],
    keys: &["tenant", "id"],
    counters: &[],
    over: None,
};

pub(crate) const PAIR: Table = Table {
    name: "pairs",
    columns: &[
        "program",
        "mentor",
        "mentor_person",
        "mentor_introduction",
        "mentor_withheld",
        "mentee",
        "mentee_person",
        "mentee_introduction",
        "mentee_withheld",
        "proposal",
        "state",
        "state_doc",
        "end_note",
        "end_note_withheld",
        "guide_version",
        "oversight",
        "started_at",
        "adults_at",
        "pauses",
        "previous_pair",
        "last_seq",
        "last_activity_at",
        "reminded_at",
        "due_at",
        "cleared_at",
        "kept_for",
        "version",
        "over_at",
        "lo",
        "hi",
        "live",
        "adults_by",
        "mentor_adult_on",
        "mentee_adult_on",
    ],
    keys: &["tenant", "id"],
    counters: &[],
    over: Some("live IS NULL"),
};

pub(crate) const STEP: Table = Table {
    name: "steps",
    columns: &["step", "state", "state_doc", "due_at", "mentor_done_at", "mentee_done_at"],
    keys: &["tenant", "pair", "position"],
    counters: &[],
    over: None,
};

pub(crate) const POST: Table = Table {
    name: "posts",
    columns: &[
        "id",
        "step",
        "reply_to",
        "author",
        "body",
        "at",
        "revision",
        "edited_at",
        "removed_at",
        "held",
        "withheld",
    ],
    keys: &["tenant", "pair", "seq"],
    counters: &[],
    over: None,
};

pub(crate) const CHECK_IN: Table = Table {
    name: "check_ins",
    columns: &["score", "note", "note_shared", "testimonial", "at", "withheld"],
    keys: &["tenant", "pair", "side", "kind", "week"],
    counters: &[],
    over: None,
};

pub(crate) const CASE: Table = Table {
    name: "cases",
    columns: &[
        "program",
        "reporter",
        "subject",
        "object",
        "category",
        "priority",
        "tier",
        "state",
        "state_doc",
        "details",
        "filed_at",
        "version",
        "due_at",
        "open",
        "queued",
        "told",
        "witnesses",
    ],
    keys: &["tenant", "id"],
    counters: &[],
    over: Some("state = 'closed'"),
};

pub(crate) const EVIDENCE: Table = Table {
    name: "evidence",
    columns: &["content", "digest", "seal"],
    keys: &["tenant", "case_id", "seq"],
    counters: &[],
    over: None,
};

pub(crate) const COMMAND: Table = Table {
    name: "commands",
    columns: &["kind", "digest", "reply", "at"],
    keys: &["tenant", "id"],
    counters: &[],
    over: None,
};

pub(crate) const AUDIT: Table = Table {
    name: "audit",
    columns: &[
        "at",
        "actor_kind",
        "actor_person",
        "action",
        "subject_kind",
        "subject",
        "subject_other",
        "program",
        "from_state",
        "to_state",
        "about",
        "reason",
        "private",
    ],
    keys: &["tenant", "id"],
    counters: &[],
    over: None,
};

pub(crate) const OUTBOX: Table = Table {
    name: "outbox",
    columns: &[
        "at",
        "kind",
        "to_kind",
        "to_id",
        "between_lo",
        "between_hi",
        "program",
        "proposal",
        "pair",
        "case_id",
        "step",
        "code",
        "lane",
        "epoch",
        "attempts",
        "lease_until",
        "pending",
        "parked",
    ],
    keys: &["tenant", "id", "consumer"],
    counters: &[],
    over: None,
};

/// Every table that statements may name in braces.
pub(crate) const TABLES: &[(&str, &Table)] = &[
    ("person", &PERSON),
    ("relation", &RELATION),
    ("program", &PROGRAM),
    ("enrollment", &ENROLLMENT),
    ("proposal", &PROPOSAL),
    ("run", &RUN),
    ("pair", &PAIR),
    ("step", &STEP),
    ("post", &POST),
    ("check_in", &CHECK_IN),
    ("case", &CASE),
    ("evidence", &EVIDENCE),
    ("command", &COMMAND),
    ("audit", &AUDIT),
    ("outbox", &OUTBOX),
];

impl Table {
    /// How many values a row has when its whole record is read: columns, then keys.
    pub(crate) fn width(&self) -> usize {
        self.columns.len() + self.keys.len()
    }

    /// Whether an outer join found the record that comes next in a row: its version is never nothing.
    pub(crate) fn is_next(&self, row: &Reader<'_>) -> bool {
        let mut probe = row.clone();
        probe.skip(self.columns.iter().take_while(|it| **it != "version").count());
        !probe.at_null()
    }

    fn all(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.columns.iter().chain(self.keys).copied()
    }

    /// `a.x, a.y, …`, columns first, then keys.
    pub(crate) fn list(&self, alias: &str) -> String {
        let dot = if alias.is_empty() { String::new() } else { format!("{alias}.") };
        self.all().map(|column| format!("{dot}{column}")).collect::<Vec<_>>().join(", ")
    }

    /// What stands for the new value of a column, argument `next` (from 1) if it is one. The adult dates
    /// of a pair are those of its people, if the pair needs adults (the arguments are nothing otherwise).
    fn value(column: &str, next: &mut usize) -> String {
        let mut argument = || {
            let place = format!("?{next}");
            *next += 1;
            place
        };
        match column {
            "mentor_adult_on" | "mentee_adult_on" => format!(
                "(SELECT a.adult_on FROM {{p}}persons a WHERE a.tenant = {} AND a.person = {})",
                argument(),
                argument()
            ),
            _ => argument(),
        }
    }

    pub(crate) fn insert(&self) -> String {
        let mut next = 1;
        let values: Vec<String> = self.all().map(|it| Self::value(it, &mut next)).collect();
        let (name, columns) = (self.name, self.list(""));
        format!("INSERT INTO {{p}}{name} ({columns}) VALUES ({})", values.join(", "))
    }

    /// Where no trigger keeps what is over as it ended, the statement itself does: it finds no row.
    pub(crate) fn update(&self, dialect: Dialect) -> String {
        let (mut next, mut state) = (1, String::new());
        let mut set = Vec::new();
        for column in self.columns {
            let value = Self::value(column, &mut next);
            if *column == "state_doc" {
                state.clone_from(&value);
            }
            set.push(format!("{column} = {value}"));
        }
        for counter in self.counters {
            set.push(format!("{counter} = {counter} + {}", Self::value(counter, &mut next)));
        }
        let keys: Vec<String> = self
            .keys
            .iter()
            .map(|key| format!("{key} = {}", Self::value(key, &mut next)))
            .collect();
        let (name, set, keys) = (self.name, set.join(", "), keys.join(" AND "));
        let stays = match self.over {
            Some(over) if dialect.locks_rows() => {
                format!(" AND (NOT ({over}) OR state_doc = {state})")
            }
            _ => String::new(),
        };
        // Records that end have many indexes.
        let by = if self.over.is_some() { "{by PRIMARY}" } else { "" };
        format!("UPDATE {{p}}{name}{by} SET {set} WHERE {keys}{stays}")
    }
}
