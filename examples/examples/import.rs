//! Sign-ups from a file, as they come from a spreadsheet or from a program that was run elsewhere.
//!
//! The whole file is read once before anybody is signed up, so that somebody can mend it first. Then it is
//! imported in groups. Stopped in the middle, it may simply be imported again: who is in stays in, once.
//!
//! ```text
//! cargo run --example import
//! cargo run --example import -- my_sign_ups.csv
//! ```

use std::{collections::BTreeMap, fs::File, path::Path, sync::Arc};

use mentorship_core::{
    base::{
        host::{GroupId, PersonId, TenantId},
        text::Title,
    },
    decide::program::CreateProgram,
    policy::actor::Actor,
    service::{
        Mentorship, ProgramDetails, SignUp,
        import::{ImportError, ImportOptions, ImportRow, SignUps},
    },
    templates,
};
use mentorship_examples::harbour::{GrownUps, Outcome, Timer};
use mentorship_sqlx::SqliteStore;

/// Most sign-ups in one call of the library.
const TOGETHER: usize = 500;

fn rows(file: &Path, into: &ProgramDetails) -> Outcome<SignUps<File>> {
    let options = ImportOptions::of(&into.program);
    Ok(SignUps::new(File::open(file)?, into.form.clone(), options)?)
}

/// Lines that cannot be read, told to whoever brought the file.
fn look_over(file: &Path, into: &ProgramDetails) -> Outcome<()> {
    let (mut good, mut wrong) = (0, 0);
    for row in rows(file, into)? {
        match row {
            Ok(_) => good += 1,
            Err(error @ ImportError::Input { .. }) => {
                println!("  {error}");
                wrong += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    println!("{good} rows can be read, {wrong} cannot.");
    Ok(())
}

/// Imports what can be read, and counts what became of it by its code.
async fn import(
    service: &Mentorship,
    host: &Actor,
    file: &Path,
    into: &ProgramDetails,
) -> Outcome<BTreeMap<String, u32>> {
    let mut outcomes = BTreeMap::new();
    let mut rows = rows(file, into)?.filter_map(Result::ok);
    loop {
        let (lines, some): (Vec<u64>, Vec<SignUp>) =
            rows.by_ref().take(TOGETHER).map(|ImportRow { line, sign_up }| (line, sign_up)).unzip();
        if some.is_empty() {
            return Ok(outcomes);
        }
        let done = service.enroll_many(host, into.program.id, &some).await?;
        for (line, outcome) in lines.iter().zip(done) {
            let code = match outcome {
                Ok((_, state)) => state.to_string(),
                Err(refusal) => {
                    println!("  line {line}: {refusal}");
                    refusal.code().to_string()
                }
            };
            *outcomes.entry(code).or_insert(0) += 1;
        }
        println!("… up to line {}", lines.last().unwrap_or(&0));
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sign_ups.csv");
    let file = std::env::args().nth(1).map_or(sample, Into::into);

    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("community.db")).await?;
    store.migrate().await?;
    store.verify().await?;
    let service = Mentorship::builder(Arc::new(store), GrownUps).backoff(Timer).build();

    let tenant = TenantId::try_from("harbour")?;
    let group = GroupId::from(1_i64);
    let admin = Actor::group_admin(tenant.clone(), PersonId::from(1_i64), group.clone());
    let program = CreateProgram {
        group,
        template: templates::shipped("flash")?,
        title: Title::new("Ask a sailor")?,
        topic: None,
        zone: chrono_tz::Europe::Lisbon,
        window: None,
        policy: None,
    };
    let program = service.create_program(&admin, program).await?;
    service.open_program(&admin, program).await?;
    let into = service.program(&admin, program).await?;

    println!("{}:", file.display());
    look_over(&file, &into)?;
    let host = Actor::host(tenant);
    for attempt in ["Imported", "Imported again"] {
        println!("{attempt}: {:?}", import(&service, &host, &file, &into).await?);
    }
    Ok(())
}
