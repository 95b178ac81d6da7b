//! Members apply, and the admin decides.

use std::collections::BTreeMap;

use mentorship_core::{
    base::{host::PersonId, id::EnrollmentId, text::Slug},
    model::enrollment::Role,
    policy::actor::Actor,
    service::{Error, PageAsk},
};

use crate::{
    Outcome,
    chance::percent,
    form, row,
    show::{Progress, chapter, table},
    story::Story,
};

impl Story {
    /// Everybody signs up; the admin decides.
    pub(crate) async fn sign_ups(&self) -> Outcome<Vec<(EnrollmentId, Role, PersonId)>> {
        chapter("Signing up");
        let mut places = Vec::new();
        let mut refused: BTreeMap<&'static str, u32> = BTreeMap::new();
        let mut progress = Progress::new("members apply", self.members.len());
        for (id, person) in &self.members {
            progress.step();
            let mut roles = Vec::new();
            if person.suggested_role.mentors() {
                roles.push(Role::Mentor);
            }
            if person.suggested_role.learns() {
                roles.push(Role::Mentee);
            }
            for role in roles {
                let mut input = form::sign_up(person, role)?;
                let forgets = percent(&person.key, "form") < 3;
                if forgets {
                    input.answers.0.remove("languages");
                }
                match self.service.enroll(&self.person(id), self.program, input).await {
                    Ok((place, _)) => places.push((place, role, id.clone())),
                    Err(Error::Refused(refusal)) => {
                        *refused.entry(refusal.code()).or_insert(0) += 1;
                        if forgets {
                            // The error named the question, so they fill it in.
                            let again = form::sign_up(person, role)?;
                            let me = self.person(id);
                            let again = self.service.enroll(&me, self.program, again);
                            if let Ok((place, _)) = again.await {
                                places.push((place, role, id.clone()));
                            }
                        }
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        drop(progress);
        let mut progress = Progress::new("applications are decided", places.len());
        for (place, _, _) in &places {
            progress.step();
            self.service.approve(&self.admin, *place).await?;
        }
        drop(progress);
        let count = |role| places.iter().filter(|(_, it, _)| *it == role).count();
        println!(
            "  On {} {} members apply, some in both roles; {} are in as mentor, {} as mentee.",
            self.date(),
            self.members.len(),
            count(Role::Mentor),
            count(Role::Mentee)
        );
        println!("  What they were told when it did not work:");
        let told = refused.iter().map(|(code, times)| row![code, times]).collect::<Vec<_>>();
        table(&["code", "times"], &told);
        println!("  Why, for the platform's eyes only (its own audit log):");
        table(&["rule", "times"], &self.reasons("enrollment.refuse").await?);
        Ok(places)
    }

    /// Reasons of an action in the platform's audit log, counted.
    async fn reasons(&self, action: &str) -> Outcome<Vec<Vec<String>>> {
        let staff = Actor::staff(self.tenant.clone(), PersonId::try_from("trust-and-safety")?);
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut page = PageAsk { limit: 500, after: None };
        loop {
            let events = self.service.audit(&staff, page.clone()).await?;
            for event in events.items.iter().filter(|event| event.action.as_str() == action) {
                let reason = event.reason.as_ref().map_or("-", Slug::as_str);
                *counts.entry(reason.to_owned()).or_insert(0) += 1;
            }
            page.after = events.next;
            if page.after.is_none() {
                return Ok(counts.iter().map(|(reason, n)| row![reason, n]).collect());
            }
        }
    }
}
