//! What a team says about its files: the questions that columns answer, and the rules between them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use mentorship_core::{
    base::{text::Slug, time::Timestamp},
    model::{
        enrollment::Role,
        form::{
            AskedOf, Choice, Form, Message, Question, QuestionKind, Sensitivity, VisibleTo,
            limits::INTEGER_MAX,
        },
        rule::Rule,
    },
};
use serde::Deserialize;
use serde_json::json;

use crate::Failure;

/// Most choices of a multi or rank question, and most languages of an answer, where nothing else is said.
const MOST: u8 = 20;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    at: String,
    about: Option<String>,
    #[serde(default)]
    mentors: Columns,
    #[serde(default)]
    mentees: Columns,
    questions: Vec<QuestionColumn>,
    rules: Vec<Rule>,
}

/// The columns of a file that are no question.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Columns {
    /// Holds the team's own key of a person.
    pub(super) id: String,
    /// Holds how many partners somebody takes; without it, everybody takes one.
    pub(super) capacity: Option<String>,
    /// Columns that may be there and are not read. Any other column that is no question is refused.
    pub(super) ignore: Vec<String>,
}

impl Default for Columns {
    fn default() -> Self {
        Self { id: "id".to_owned(), capacity: None, ignore: Vec::new() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Single,
    Multi,
    Rank,
    Languages,
    Int,
    Availability,
    Zone,
}

/// A question, and where its answers stand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionColumn {
    /// What rules call it.
    pub(super) key: Slug,
    column: Option<String>,
    #[serde(default = "both")]
    asked_of: AskedOf,
    kind: Kind,
    choices: Option<Vec<Slug>>,
    min: Option<i64>,
    max: Option<i64>,
    #[serde(default)]
    required: bool,
}

fn both() -> AskedOf {
    AskedOf::Both
}

impl QuestionColumn {
    /// The name of its column.
    pub(super) fn column(&self) -> &str {
        self.column.as_deref().unwrap_or(self.key.as_str())
    }

    /// Whether its choices are those that are found in the files.
    fn takes_choices(&self) -> bool {
        self.choices.is_none() && matches!(self.kind, Kind::Single | Kind::Multi | Kind::Rank)
    }

    /// What is said of it has to mean something for its kind: a limit that is passed over would be a limit
    /// that the team believes in.
    fn checked(&self) -> Result<(), Failure> {
        let Self { key, kind, .. } = self;
        let chosen = matches!(kind, Kind::Single | Kind::Multi | Kind::Rank);
        let least = matches!(kind, Kind::Multi | Kind::Int);
        let most = matches!(kind, Kind::Multi | Kind::Rank | Kind::Languages | Kind::Int);
        let given = [
            ("choices", self.choices.is_some(), chosen),
            ("min", self.min.is_some(), least),
            ("max", self.max.is_some(), most),
        ];
        match given.iter().find(|(_, given, allowed)| *given && !allowed) {
            Some((name, ..)) => {
                Err(format!("`questions.{key}.{name}` means nothing for this kind").into())
            }
            None => Ok(()),
        }
    }

    fn small(&self, name: &str, given: Option<i64>, otherwise: u8) -> Result<u8, Failure> {
        let Some(given) = given else { return Ok(otherwise) };
        let fault = |_| format!("`questions.{}.{name}` has to be from 0 to {}", self.key, u8::MAX);
        Ok(u8::try_from(given).map_err(fault)?)
    }

    /// What kind of answer it takes, with these choices where the file gives none.
    pub(super) fn answer(&self, found: &BTreeSet<Slug>) -> Result<QuestionKind, Failure> {
        let keys: Vec<&Slug> = match &self.choices {
            Some(given) => given.iter().collect(),
            None => found.iter().collect(),
        };
        let most = u8::try_from(keys.len()).unwrap_or(u8::MAX).max(1);
        let choices = || keys.iter().map(|key| choice(key)).collect::<Result<Vec<_>, _>>();
        Ok(match self.kind {
            Kind::Single => QuestionKind::Single { choices: choices()? },
            Kind::Multi => QuestionKind::Multi {
                choices: choices()?,
                min: self.small("min", self.min, 1)?,
                max: self.small("max", self.max, most)?,
            },
            Kind::Rank => {
                QuestionKind::Rank { choices: choices()?, max: self.small("max", self.max, most)? }
            }
            Kind::Languages => QuestionKind::Languages { max: self.small("max", self.max, MOST)? },
            Kind::Int => QuestionKind::Integer {
                min: self.min.unwrap_or(-INTEGER_MAX),
                max: self.max.unwrap_or(INTEGER_MAX),
                unit: Slug::new("number")?,
            },
            Kind::Availability => QuestionKind::Availability,
            Kind::Zone => QuestionKind::Zone,
        })
    }

    fn question(&self, found: &BTreeSet<Slug>) -> Result<Question, Failure> {
        Ok(Question {
            key: self.key.clone(),
            asked_of: self.asked_of,
            text: message(&self.key)?,
            answer: self.answer(found)?,
            required: self.required,
            // Nobody but the team reads what comes out, so that no part of a score is hidden.
            sensitivity: Sensitivity::Normal,
            visible_to: VisibleTo::Admin,
        })
    }
}

/// Nobody is shown a question here: its key stands for its words.
fn message(key: &Slug) -> Result<Message, serde_json::Error> {
    serde_json::from_value(json!({ "key": key, "en": key }))
}

fn choice(key: &Slug) -> Result<Choice, serde_json::Error> {
    Ok(Choice { key: key.clone(), text: message(key)? })
}

/// What a team says about its files.
#[derive(Debug)]
pub(super) struct Settings {
    /// The instant: zones move with the season.
    pub(super) at: Timestamp,
    /// What whoever sees the outcome has to know of the people: where they come from, and under which terms.
    pub(super) about: Option<String>,
    questions: Vec<QuestionColumn>,
    rules: Vec<Rule>,
    mentors: Columns,
    mentees: Columns,
}

impl Settings {
    /// Reads the file. An error names it and, where the form of the file is wrong, the line and the column.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let named = |error: Failure| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| named(error.into()))?;
        Ok(Self::parse(&text).map_err(named)?)
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let File { at, about, mentors, mentees, questions, rules } = toml::from_str(text)?;
        let at = at.parse().map_err(|_| "`at` is no instant such as `2027-03-01T09:00:00Z`")?;
        questions.iter().try_for_each(QuestionColumn::checked)?;
        let settings = Self { at, about, questions, rules, mentors, mentees };
        for (role, name) in [(Role::Mentor, "mentors"), (Role::Mentee, "mentees")] {
            let columns = settings.columns(role);
            let named = [Some(&columns.id), columns.capacity.as_ref()];
            let named = named.into_iter().flatten().chain(&columns.ignore).map(String::as_str);
            let mut seen = BTreeSet::new();
            for column in named.chain(settings.asked_of(role).map(QuestionColumn::column)) {
                if !seen.insert(column) {
                    return Err(format!("the column `{column}` of {name} is named twice").into());
                }
            }
        }
        Ok(settings)
    }

    /// The columns of this role that are no question.
    pub(super) fn columns(&self, role: Role) -> &Columns {
        match role {
            Role::Mentor => &self.mentors,
            Role::Mentee => &self.mentees,
        }
    }

    /// What this role is asked.
    pub(super) fn asked_of(&self, role: Role) -> impl Iterator<Item = &QuestionColumn> {
        self.questions.iter().filter(move |asked| asked.asked_of.includes(role))
    }

    /// The form, with these choices where the file gives none.
    pub(super) fn form(&self, found: &BTreeMap<Slug, BTreeSet<Slug>>) -> Result<Form, Failure> {
        let none = BTreeSet::new();
        let questions =
            self.questions.iter().map(|it| it.question(found.get(&it.key).unwrap_or(&none)));
        let form = Form {
            version: 1,
            questions: questions.collect::<Result<_, _>>()?,
            rules: self.rules.clone(),
            eligibility: Vec::new(),
        };
        Ok(form.checked().map_err(|error| {
            let field = |it: &QuestionColumn| format!("questions.{}.choices", it.key);
            let taken = |it: &QuestionColumn| it.takes_choices() && field(it) == error.field();
            if self.questions.iter().any(taken) {
                format!("{error} (they are those of the files; `choices` may name them)")
            } else {
                error.to_string()
            }
        })?)
    }
}
