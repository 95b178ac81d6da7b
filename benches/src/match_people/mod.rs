//! A team's own people in files, paired by the team's own rules: what `mentorship-bench match` and the example
//! `match_people` do.
//!
//! [`Prepared::read`] reads and checks everything and names what is wrong by file, line and column;
//! [`Prepared::solve`] pairs; [`Paired::write`] tells.

mod baselines;
mod course;
mod faults;
mod number;
mod outputs;
mod plots;
mod report;
mod rows;
mod rules;
mod watch;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, Id as _, ProgramId},
    },
    matching::{
        people::Options,
        run::{Goal, PreparedRun, RunInput, RunOptions, RunOutcome, RunPair, Seat},
        solve::Control,
    },
    model::{enrollment::Role, form::Form},
};
use uuid::Uuid;

pub use self::{baselines::Baselines, report::words, watch::Watch};
use self::{
    course::{Course, Recorder},
    faults::Faults,
    rows::{Person, Table},
    rules::Settings,
};
use crate::{Failure, timed};

/// Where people and rules stand.
#[derive(Clone, Debug)]
pub struct Files {
    /// Mentors, comma-separated, one in a row.
    pub mentors: PathBuf,
    /// Mentees, the same.
    pub mentees: PathBuf,
    /// What the columns ask, and which rules there are, in TOML.
    pub rules: PathBuf,
}

/// What is asked of the run.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// What "best" means.
    pub objective: Goal,
    /// Threads of the search for candidates.
    pub threads: usize,
    /// Most operations; the best pairing so far comes out, with its gap.
    pub budget: Option<u64>,
    /// Points below which nobody is paired.
    pub minimum: u32,
    /// Decides between equally good pairings, and what is drawn to compare with.
    pub seed: u64,
}

impl Default for Ask {
    fn default() -> Self {
        Self { objective: Goal::MostPeople, threads: 1, budget: None, minimum: 0, seed: 0 }
    }
}

/// Everybody, by id.
#[derive(Debug)]
struct People {
    mentors: Vec<Person>,
    mentees: Vec<Person>,
}

impl People {
    fn of(&self, role: Role) -> &[Person] {
        match role {
            Role::Mentor => &self.mentors,
            Role::Mentee => &self.mentees,
        }
    }

    /// The team's own key of an enrolment.
    fn name(&self, role: Role, enrollment: EnrollmentId) -> &str {
        let person = self.of(role).get(number::place(enrollment));
        person.map_or("", |it| PersonId::as_str(&it.id))
    }
}

/// People who were read and can be paired.
#[derive(Debug)]
pub struct Prepared {
    ask: Ask,
    about: Option<String>,
    form: Arc<Form>,
    people: People,
    run: PreparedRun,
}

/// Who is paired with whom and why, and why the others are not.
#[derive(Debug)]
pub struct Paired {
    /// What came out of the run.
    pub outcome: RunOutcome,
    /// What simpler ways reach with the same people; `None` if there are too many.
    pub baselines: Option<Baselines>,
    /// How long the run took.
    pub seconds: f64,
    ask: Ask,
    about: Option<String>,
    form: Arc<Form>,
    people: People,
    course: Course,
}

impl Files {
    /// The form and everybody, or everything that is wrong with them.
    fn read(&self, settings: &Settings) -> Result<(Form, People), Failure> {
        let mut faults = Faults::default();
        let mentors = Table::read(&self.mentors, Role::Mentor, settings, &mut faults)?;
        let mentees = Table::read(&self.mentees, Role::Mentee, settings, &mut faults)?;
        let mut choices = BTreeMap::new();
        mentors.choices(&mut choices);
        mentees.choices(&mut choices);
        match settings.form(&choices) {
            Ok(form) => {
                mentors.check(&form, &mut faults);
                mentees.check(&form, &mut faults);
                faults.refuse()?;
                Ok((form, People { mentors: mentors.people, mentees: mentees.people }))
            }
            Err(error) => {
                // Rows that could not be read may be why the choices are wrong.
                faults.refuse()?;
                Err(format!("{}: {error}", self.rules.display()).into())
            }
        }
    }
}

impl Prepared {
    /// Reads the files. If anything is wrong with them, the error names all of it by file, line and column.
    pub fn read(files: &Files, ask: Ask) -> Result<Self, Failure> {
        let settings = Settings::read(&files.rules)?;
        let (form, people) = files.read(&settings)?;
        let form = Arc::new(form);
        let seats = [Role::Mentor, Role::Mentee].into_iter().flat_map(|role| {
            people.of(role).iter().enumerate().map(move |(at, person)| Seat {
                enrollment: number::of(role, at),
                role,
                person: person.id.clone(),
                answers: person.answers.clone(),
                special_category: false,
                places: person.places,
                barred: false,
                waiting_since: settings.at,
            })
        });
        let input = RunInput {
            program: ProgramId::from_uuid(Uuid::nil()),
            form: Arc::clone(&form),
            at: settings.at,
            seats: seats.collect(),
            declined: Vec::new(),
            excluded: Vec::new(),
            taken: Vec::new(),
            wishes: Vec::new(),
        };
        let options = RunOptions::new().objective(ask.objective);
        let run = PreparedRun::new(input, options.minimum_score(ask.minimum))?;
        Ok(Self { ask, about: settings.about, form, people, run })
    }

    /// The run: mentors and mentees are numbered by their ids.
    #[must_use]
    pub fn run(&self) -> &PreparedRun {
        &self.run
    }

    /// Pairs everybody, watched by somebody who may stop it at the best pairing so far.
    pub fn solve(self, watcher: &mut dyn Control) -> Result<Paired, Failure> {
        let Self { ask, about, form, people, run } = self;
        let mut how = Options::default().threads(ask.threads).seed(ask.seed);
        if let Some(budget) = ask.budget {
            how = how.budget(budget);
        }
        let mut recorder = Recorder { course: Course::default(), watcher };
        let (outcome, seconds) = timed(|| run.solve_watched(&how, &mut recorder));
        let (outcome, course) = (outcome?, recorder.course);
        let baselines = baselines::pair(&run, &people, ask.seed)?;
        Ok(Paired { outcome, baselines, seconds, ask, about, form, people, course })
    }
}

impl Paired {
    /// Writes `pairs.csv`, `unmatched.csv`, `run.json` and `report.html` into a folder, which is made.
    pub fn write(&self, folder: &Path) -> Result<(), Failure> {
        let failed = |name: &str, error: Failure| {
            Failure::from(format!("{}: {error}", folder.join(name).display()))
        };
        fs::create_dir_all(folder).map_err(|error| failed("", error.into()))?;
        let files = [
            ("pairs.csv", outputs::pairs(self)),
            ("unmatched.csv", outputs::unmatched(self)),
            ("run.json", outputs::run(self)),
            ("report.html", report::html(self).map(String::into_bytes)),
        ];
        for (name, bytes) in files {
            let bytes = bytes.map_err(|error| failed(name, error))?;
            fs::write(folder.join(name), bytes).map_err(|error| failed(name, error.into()))?;
        }
        Ok(())
    }

    /// The team's own key of somebody in the outcome.
    #[must_use]
    pub fn name(&self, role: Role, enrollment: EnrollmentId) -> &str {
        self.people.name(role, enrollment)
    }

    /// How much better another pairing may be, in words; nothing if this one is proven the best.
    #[must_use]
    pub fn gap(&self) -> Option<String> {
        let gap = self.outcome.gap;
        (!self.outcome.optimal).then(|| match self.ask.objective {
            Goal::Fairest => format!("{gap} of its pairs might be exchanged for better ones"),
            Goal::StableForMentees | Goal::StableForMentors => {
                format!("another stable pairing may have up to {gap} pairs more")
            }
            _ => format!(
                "another pairing may have up to {gap} points more, the bonus for each pair included"
            ),
        })
    }

    /// What is proven of a pairing without a gap.
    #[must_use]
    pub fn claim(&self) -> &'static str {
        match self.ask.objective {
            Goal::StableForMentees | Goal::StableForMentors => {
                "no mentee and mentor would both rather have each other, and no such pairing has more pairs"
            }
            _ => "the best of all allowed pairings",
        }
    }

    /// Whether whoever watched has stopped it.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.course.stopped
    }

    /// The pair whose score is in the middle: neither the best nor the worst says how the rules work.
    fn middle(&self) -> Option<&RunPair> {
        let mut order: Vec<&RunPair> = self.outcome.pairs.iter().collect();
        order.sort_by_key(|it| it.score.total());
        order.get(order.len() / 2).copied()
    }
}
