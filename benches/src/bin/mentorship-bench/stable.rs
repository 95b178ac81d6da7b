//! Stable pairings of `solve` and `check`: preferences in, pairs out, and whether pairs are stable.

use std::{path::Path, process::ExitCode};

use clap::{Args, ValueEnum};
use mentorship_benches::{hex, peak, timed};
use mentorship_core::{
    base::input::Problem as Wrong,
    matching::{
        certificate::Pair,
        stable::{
            Favour, Options, Stable,
            check::{NotStable, check},
            find,
            preferences::{Preferences, Wish},
        },
    },
};
use sha2::{Digest as _, Sha256};

use super::{
    Failure,
    names::{Coming, Names, place},
    solve::repeated,
    tables::{Table, bytes, capacities, read_capacities, twice},
};

/// The columns of who ranks whom.
pub(crate) const HEADER: [&str; 4] = ["mentee", "mentor", "mentee_rank", "mentor_rank"];

/// How ties are broken, and for whom.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Ties {
    /// For whom a stable pairing is the best one.
    #[arg(long, value_enum, default_value_t = Optimal::Mentee, requires = "stable")]
    optimal: Optimal,
    /// Most ways to break ties that are tried for a larger stable pairing.
    #[arg(long, requires = "stable", value_parser = clap::value_parser!(u32).range(1..))]
    tries: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Optimal {
    Mentee,
    Mentor,
}

impl Optimal {
    fn favour(self) -> Favour {
        match self {
            Self::Mentee => Favour::Mentees,
            Self::Mentor => Favour::Mentors,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Mentee => "mentee",
            Self::Mentor => "mentor",
        }
    }
}

/// Preferences, and what people are called in their file.
pub(crate) struct Preferred {
    preferences: Preferences,
    names: Names,
    digest: String,
}

/// The rank in a column of the row; what is none is noted.
fn rank(table: &mut Table<'_>, line: u64, column: usize) -> Option<u32> {
    let rank = table.cell(column).parse().ok();
    if rank.is_none() {
        table.wrong(line, column, format_args!("not a whole number from 0 to {}", u32::MAX));
    }
    rank
}

/// Reads who ranks whom, and the places of mentors.
pub(crate) fn read(path: &Path, capacities_from: Option<&Path>) -> Result<Preferred, Failure> {
    let text = bytes(path)?;
    let mut digest = Sha256::new_with_prefix(&text);
    let mut table = Table::new(path, &text, &HEADER)?;
    let (mut mentees, mut mentors) = (Coming::default(), Coming::default());
    let mut wishes = Vec::new();
    while let Some(line) = table.next() {
        let ranks = [2, 3].map(|column| rank(&mut table, line, column));
        let [Some(mentee_rank), Some(mentor_rank)] = ranks else { continue };
        wishes.push(Wish {
            mentee: mentees.number(table.cell(0)),
            mentor: mentors.number(table.cell(1)),
            mentee_rank,
            mentor_rank,
        });
    }
    table.end()?;
    let places = match capacities_from {
        Some(path) => read_capacities(path, &mut mentors, &mut digest)?,
        None => Vec::new(),
    };
    let ((mentees, mentee_places), (mentors, mentor_places)) = (mentees.sorted(), mentors.sorted());
    for wish in &mut wishes {
        wish.mentee = place(&mentee_places, wish.mentee);
        wish.mentor = place(&mentor_places, wish.mentor);
    }
    let capacity = capacities(&places, &mentor_places);
    let preferences = match Preferences::new(mentees.len(), capacity, wishes) {
        Ok(preferences) => preferences,
        Err(error) if matches!(error.problem(), Wrong::Duplicate { .. }) => {
            return Err(twice(Table::new(path, &text, &HEADER)?));
        }
        Err(error) => return Err(format!("{}: {error}", path.display()).into()),
    };
    let names = Names::Listed { mentees, mentors };
    Ok(Preferred { preferences, names, digest: hex(&digest.finalize()) })
}

impl Preferred {
    /// How many mentees and mentors there are, and how many accept each other.
    pub(crate) fn size(&self) -> [usize; 3] {
        let it = &self.preferences;
        [it.mentees(), it.mentors(), it.wishes().len()]
    }

    /// How many pairs a file has, or why they are not stable.
    pub(crate) fn check(&self, pairs: &Path) -> Result<Result<usize, String>, Failure> {
        let pairs = self.pairs(pairs)?;
        let checked = check(&self.preferences, &pairs).map_err(|error| self.why(&error));
        Ok(checked.map(|()| pairs.len()))
    }

    fn wish(&self, pair: Pair) -> Option<&Wish> {
        let all = self.preferences.wishes();
        let row = self.preferences.row(usize::try_from(pair.mentee).ok()?);
        all.get(row)?.iter().find(|it| it.mentor == pair.mentor)
    }

    fn write(&self, path: &Path, pairs: &[Pair]) -> Result<(), Failure> {
        let failed = |error: csv::Error| format!("{}: {error}", path.display());
        let mut out = csv::Writer::from_path(path).map_err(failed)?;
        out.write_record(HEADER).map_err(failed)?;
        for pair in pairs {
            let Some(wish) = self.wish(*pair) else { continue };
            let [mentee, mentor] = self.names.of(*pair);
            let ranks = [wish.mentee_rank, wish.mentor_rank].map(|it| it.to_string());
            let [mentee_rank, mentor_rank] = ranks;
            out.write_record([mentee, mentor, mentee_rank, mentor_rank]).map_err(failed)?;
        }
        out.flush().map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// Pairs of a file. Ranks, where they are given, have to be those of the preferences.
    fn pairs(&self, path: &Path) -> Result<Vec<Pair>, Failure> {
        let text = bytes(path)?;
        let (ranked, [mentee, mentor, ..]) = (HEADER, HEADER);
        let plain = [mentee, mentor];
        let mut table = Table::one_of(path, &text, &[&ranked, &plain])?;
        let mut pairs = Vec::new();
        while let Some(line) = table.next() {
            let known = self.names.numbers([table.cell(0), table.cell(1)]);
            let [Some(mentee), Some(mentor)] = known else {
                let [mentee, _] = known;
                let (column, who) = if mentee.is_none() { (0, "mentee") } else { (1, "mentor") };
                table.wrong(line, column, format_args!("not a {who} there"));
                continue;
            };
            let pair = Pair { mentee, mentor };
            if let Some(wish) = self.wish(pair).filter(|_| table.columns() == HEADER.len()) {
                for (column, expected) in [(2, wish.mentee_rank), (3, wish.mentor_rank)] {
                    if rank(&mut table, line, column).is_some_and(|it| it != expected) {
                        table.wrong(line, column, "not the rank of this pair");
                    }
                }
            }
            pairs.push(pair);
        }
        table.end()?;
        Ok(pairs)
    }

    /// Why pairs are not stable, in the names of the file.
    fn why(&self, error: &NotStable) -> String {
        let two = |pair: &Pair| {
            let [mentee, mentor] = self.names.of(*pair);
            format!("mentee `{mentee}` and mentor `{mentor}`")
        };
        let [mentee, mentor] = match error {
            NotStable::MenteeTwice(mentee) => self.names.of(Pair { mentee: *mentee, mentor: 0 }),
            NotStable::MentorOverCapacity(mentor) => {
                self.names.of(Pair { mentee: 0, mentor: *mentor })
            }
            _ => Default::default(),
        };
        match error {
            NotStable::NotAcceptable(pair) => format!("{} do not accept each other", two(pair)),
            NotStable::MenteeTwice(_) => format!("mentee `{mentee}` has more than one mentor"),
            NotStable::MentorOverCapacity(_) => {
                format!("mentor `{mentor}` has more mentees than places")
            }
            NotStable::Blocking(pair) => format!("{} would both rather have each other", two(pair)),
            other => other.to_string(),
        }
    }
}

/// What `solve` is asked for.
pub(crate) struct Ask<'a> {
    pub(crate) preferences: &'a Path,
    pub(crate) capacities: Option<&'a Path>,
    pub(crate) ties: Ties,
    pub(crate) seed: u64,
    pub(crate) budget: Option<u64>,
    pub(crate) repeat: u32,
    pub(crate) pairs: Option<&'a Path>,
    pub(crate) json: bool,
}

impl Ask<'_> {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let (loaded, load) = timed(|| read(self.preferences, self.capacities));
        let loaded = loaded?;
        let preferences = &loaded.preferences;
        let mut options = Options::default().favour(self.ties.optimal.favour()).seed(self.seed);
        if let Some(budget) = self.budget {
            options = options.budget(budget);
        }
        if let Some(tries) = self.ties.tries {
            options = options.tries(tries);
        }
        let (stable, time) = repeated(self.repeat, || find(preferences, &options));
        if let Err(error) = check(preferences, &stable.pairs) {
            return Err(format!("what was found is not stable: {}", loaded.why(&error)).into());
        }
        if let Some(path) = self.pairs {
            loaded.write(path, &stable.pairs)?;
        }
        if self.json {
            println!("{}", self.as_json(&loaded, &stable, [load * 1000.0, time]));
        } else {
            self.print(preferences, &stable, time);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn as_json(
        &self,
        loaded: &Preferred,
        stable: &Stable,
        [load, time]: [f64; 2],
    ) -> serde_json::Value {
        serde_json::json!({
            "matched": stable.pairs.len(),
            "bound": stable.bound,
            "largest": stable.is_largest(),
            "ties": loaded.preferences.has_ties(),
            "optimal_for": self.ties.optimal.name(),
            "tries": stable.tries,
            "operations": stable.operations,
            "load_ms": load,
            "solve_ms": time,
            "peak_mb": peak(),
            "digest": loaded.digest,
        })
    }

    fn print(&self, preferences: &Preferences, stable: &Stable, time: f64) {
        println!(
            "{} mentees, {} mentors, {} accept each other",
            preferences.mentees(),
            preferences.mentors(),
            preferences.wishes().len()
        );
        let (matched, bound) = (stable.pairs.len(), stable.bound);
        println!("matched {matched}, stable, checked");
        let side = self.ties.optimal.name();
        if !preferences.has_ties() {
            println!("the best stable pairing for every {side} at once; all have the same size");
        } else if stable.is_largest() {
            println!("no stable pairing is larger, proven; {} tries", stable.tries);
        } else {
            println!(
                "the largest stable pairing has {matched} to {bound} pairs; {} tries",
                stable.tries
            );
        }
        println!("solved in {time:.3} ms");
        if let Some(peak) = peak() {
            println!("peak {peak} MiB");
        }
    }
}

/// Whether the pairs of a file keep the rules and are stable.
pub(crate) fn check_pairs(
    path: &Path,
    capacities: Option<&Path>,
    pairs: &Path,
) -> Result<ExitCode, Failure> {
    match read(path, capacities)?.check(pairs)? {
        Ok(pairs) => {
            println!("stable: {pairs} pairs");
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            println!("not stable: {why}");
            Ok(ExitCode::FAILURE)
        }
    }
}
