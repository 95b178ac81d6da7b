//! `match`: a team's own people, paired by the team's own rules.

mod baselines;
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
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, Id as _, ProgramId},
    },
    matching::{
        certificate::Objective,
        people::Options,
        run::{PreparedRun, RunInput, RunOptions, RunOutcome, Seat},
    },
    model::{enrollment::Role, form::Form},
};
use uuid::Uuid;

use self::{
    faults::Faults,
    rows::{Person, Table},
    rules::Settings,
    watch::{Course, Watch},
};
use super::{Best, Failure, candidates::timed};

/// Pairs the people of two files by the rules of a third, and says why.
///
/// A cell that is wrong is named by file, line and column, and then nobody is paired. An id that stands in
/// both files is one person, who is not paired with themselves. Ctrl-C stops at the best pairing so far, which
/// is written with its gap; a second one ends the program at once.
#[derive(Args, Debug)]
pub(crate) struct Match {
    /// Mentors, comma-separated, one in a row.
    #[arg(long)]
    mentors: PathBuf,
    /// Mentees, the same.
    #[arg(long)]
    mentees: PathBuf,
    /// What the columns ask, and which rules there are, in TOML.
    #[arg(long)]
    rules: PathBuf,
    /// The folder for `pairs.csv`, `unmatched.csv`, `run.json` and `report.html`.
    #[arg(long)]
    out: PathBuf,
    #[arg(long, value_enum, default_value_t = Best::People)]
    objective: Best,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Most operations; the best pairing so far comes out, with its gap.
    #[arg(long)]
    budget: Option<u64>,
    /// Points below which nobody is paired.
    #[arg(long, default_value_t = 0)]
    minimum: u32,
    /// Decides between equally good pairings, and what the report draws to compare with.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// Everybody, by id.
#[derive(Debug)]
pub(crate) struct People {
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

/// A run and all that it is told with.
#[derive(Debug)]
struct Solved<'a> {
    ask: &'a Match,
    form: Arc<Form>,
    people: People,
    outcome: RunOutcome,
    baselines: Option<baselines::Baselines>,
    course: Course,
}

impl Match {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let settings = Settings::read(&self.rules)?;
        let (form, people) = self.people(&settings)?;
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
            excluded: Vec::new(),
            taken: Vec::new(),
            wishes: Vec::new(),
        };
        let options = RunOptions::new().objective(Objective::from(self.objective));
        let run = PreparedRun::new(input, options.minimum_score(self.minimum))?;
        let mut how = Options::default().threads(self.threads).seed(self.seed);
        if let Some(budget) = self.budget {
            how = how.budget(budget);
        }
        let mut watch = Watch::new()?;
        let (outcome, time) = timed(|| run.solve_watched(&how, &mut watch));
        let course = watch.end();
        let outcome = outcome?;
        let baselines = baselines::pair(&run, &people, self.seed);
        let solved = Solved { ask: &self, form, people, outcome, baselines, course };
        solved.write(&self.out)?;
        let report = &solved.outcome.report;
        println!(
            "{} of {} mentees paired with {} of {} mentors: {} pairs, {} points, in {time:.3} s",
            report.mentees_paired,
            report.mentees,
            report.mentors_paired,
            report.mentors,
            report.pairs,
            report.points
        );
        if solved.course.stopped {
            println!("stopped at the best pairing so far");
        }
        if solved.outcome.optimal {
            println!("the best of all allowed pairings, proven");
        } else {
            println!("not proven: at most {} points better", solved.outcome.gap);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The form and everybody, or everything that is wrong with them.
    fn people(&self, settings: &Settings) -> Result<(Form, People), Failure> {
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

impl Solved<'_> {
    fn write(&self, folder: &Path) -> Result<(), Failure> {
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
}
