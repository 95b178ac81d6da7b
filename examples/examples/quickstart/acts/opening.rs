//! A fresh file, the members, and a program from a template.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use mentorship_core::{
    base::{
        host::{GroupId, PersonId, TenantId},
        text::Title,
        time::ManualClock,
    },
    decide::program::CreateProgram,
    model::program::ProgramPolicy,
    policy::actor::Actor,
    service::Mentorship,
};
use mentorship_examples::people::{self, DEMO_DATE};
use mentorship_sqlx::SqliteStore;

use crate::{
    Outcome,
    chance::percent,
    form, host,
    show::chapter,
    story::{OFFER_DAYS, Story},
};

/// Survey rows looked at; about six in ten sign up.
const ROWS: usize = 700;

impl Story {
    /// Opens a fresh file, makes the tables, creates the program and opens it.
    pub(crate) async fn begin(file: &Path) -> Outcome<Self> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        for ending in ["", "-wal", "-shm"] {
            let old = PathBuf::from(format!("{}{ending}", file.display()));
            match std::fs::remove_file(&old) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{}: {error}", old.display()).into()),
            }
        }
        let store = SqliteStore::open(file).await?;
        store.migrate().await?;
        store.verify().await?;

        let mut community = host::Community::default();
        let mut members = BTreeMap::new();
        for person in people::people(7, ROWS)? {
            let role = person.suggested_role;
            if !(role.mentors() || role.learns()) || person.skills.is_empty() {
                continue;
            }
            let id = PersonId::try_from(person.key.as_str())?;
            community.add(id.clone(), &person);
            match percent(&person.key, "member") {
                0..=1 => drop(community.left.insert(id.clone())),
                2..=3 => drop(community.unconfirmed.insert(id.clone())),
                _ => {}
            }
            members.insert(id, person);
        }
        let morning = DEMO_DATE.and_hms_opt(9, 0, 0).unwrap_or_default().and_utc();
        let clock = Arc::new(ManualClock::new(morning));
        let service =
            Mentorship::builder(Arc::new(store.clone()), community).clock(clock.clone()).build();
        let tenant = TenantId::try_from("demo")?;
        let group = GroupId::try_from("developers")?;
        let admin = Actor::group_admin(tenant.clone(), PersonId::try_from("ada")?, group.clone());

        let template = form::template()?;
        chapter("A program from a template");
        println!("  {} (version {})", template.title.en.as_str(), template.version);
        println!("  {}", template.summary.en.as_str());
        let steps = template.guide.steps.iter().map(|step| step.title.en.as_str().to_owned());
        println!("  Eight weeks: {}.", steps.collect::<Vec<_>>().join("; "));
        let policy = ProgramPolicy { offer_days: OFFER_DAYS, ..template.policy.clone() };
        let input = CreateProgram {
            group,
            template,
            title: Title::new("Developers help developers, spring 2027")?,
            topic: None,
            zone: chrono_tz::Europe::Berlin,
            window: None,
            policy: Some(policy),
        };
        let program = service.create_program(&admin, input).await?;
        service.open_program(&admin, program).await?;
        let delivered = BTreeMap::new();
        Ok(Self { service, store, clock, tenant, admin, program, members, delivered })
    }
}
