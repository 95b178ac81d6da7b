//! The people of the survey as files such as a team would bring: `mentors.csv`, `mentees.csv`, and the rules
//! that are committed as `examples/data/survey_rules.toml`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use mentorship_benches::match_people::{Ask, Files};

use crate::{
    harbour::Outcome,
    people::{self, SurveyPerson, slug},
};

/// All rows of the survey.
const ROWS: usize = 5_594;
/// Whoever has coded in a job for so many years or more is a mentor here.
const MENTOR_YEARS: u32 = 10;
/// So many or fewer make a mentee.
const MENTEE_YEARS: u32 = 3;
/// Decides what is drawn for people.
const SEED: u64 = 2017;
/// Fields that a mentee ranks.
const WANTS: usize = 4;

/// What is asked of the run: of 1,000 points nobody is paired below 300.
#[must_use]
pub fn ask() -> Ask {
    Ask { minimum: 300, threads: 2, ..Ask::default() }
}

/// Keys between `|`, as in every file of people.
fn keys<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| slug(name)).collect::<Vec<_>>().join("|")
}

/// What mentors and mentees answer alike.
fn common(person: &SurveyPerson) -> [String; 7] {
    let company = person.company_size.map_or_else(String::new, |least| format!("from-{least}"));
    [
        person.country.to_ascii_lowercase(),
        person.years.to_string(),
        keys(&person.roles),
        company,
        if person.remote { "remote" } else { "on-site" }.to_owned(),
        person.languages.join("|"),
        person.zone.name().to_owned(),
    ]
}

const COMMON: [&str; 7] = ["country", "years", "roles", "company", "work", "languages", "zone"];

fn write<'a>(
    path: &Path,
    more: &[&str],
    people: impl Iterator<Item = (&'a SurveyPerson, Vec<String>)>,
) -> Outcome<()> {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["id"].iter().chain(&COMMON).chain(more))?;
    for (person, more) in people {
        let cells = [vec![person.key.clone()], common(person).into(), more].concat();
        out.write_record(&cells)?;
    }
    Ok(out.flush()?)
}

/// Writes everybody with ten years or more as a mentor and everybody with three or fewer as a mentee into a
/// folder, which is made.
pub fn files(folder: &Path) -> Outcome<Files> {
    fs::create_dir_all(folder)?;
    let mut all = people::people(SEED, ROWS)?;
    all.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let files = Files {
        mentors: folder.join("mentors.csv"),
        mentees: folder.join("mentees.csv"),
        rules: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/survey_rules.toml"),
    };
    let mentors = all.iter().filter(|it| it.years >= MENTOR_YEARS);
    // Without a role in the survey there is nothing from which a capacity would be derived: one mentee.
    let offers = mentors.map(|it| (it, vec![it.capacity.max(1).to_string(), keys(&it.fields)]));
    write(&files.mentors, &["takes", "offers"], offers)?;
    let mentees = all.iter().filter(|it| it.years <= MENTEE_YEARS);
    let wants = mentees.map(|it| (it, vec![keys(it.fields.iter().take(WANTS))]));
    write(&files.mentees, &["wants"], wants)?;
    Ok(files)
}
