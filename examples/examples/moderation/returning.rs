//! Somebody whom another one blocks erases themselves, comes back under another key, and is kept apart all the same.

use std::fmt::Write as _;

use mentorship_core::{base::id::EnrollmentId, policy::actor::Actor, service::PageAsk};
use mentorship_examples::harbour::{Outcome, sign_up_as_mentor};

use crate::community::Community;

pub(crate) async fn returning(story: &Community) -> Outcome<()> {
    let (s, emil) = (&story.service, Community::emil_key());
    s.block(&story.ben, &emil).await?;
    let erased = s.erase_person(&story.emil, &emil).await?;
    println!(
        "\nBen blocks Emil, and Emil erases himself. He is {} from here on.",
        erased.pseudonym
    );

    let anew = Actor::person(story.ben.tenant().clone(), Community::emils_new_key());
    let (mentor, _) = s.enroll(&anew, story.program, sign_up_as_mentor()?).await?;
    let stranger = staged(story, mentor).await?;
    let before = all_that_ben_reads(story).await?;
    println!(
        "He signs up anew, under a key that nobody knows. Dora stages him with Ben: {stranger}"
    );

    // The host knows by his documents who that is.
    s.same_person(&story.host, &Community::emils_new_key(), &erased.pseudonym).await?;
    let known = staged(story, mentor).await?;
    println!("The host says that he is the same person. Dora tries the same again: {known}");

    let after = all_that_ben_reads(story).await?;
    if before != after {
        return Err(format!("Ben can tell:\n{before}\n{after}").into());
    }
    println!(
        "All that Ben can read is the same before and after ({} bytes compared):",
        after.len()
    );
    for (blocked, _) in s.my_blocks(&story.ben, PageAsk::default()).await?.items {
        println!("  his block is of {blocked}, and of nobody else");
    }
    Ok(())
}

/// What comes of it if the admin brings the two together; a draft is taken back.
async fn staged(story: &Community, mentor: EnrollmentId) -> Outcome<String> {
    let s = &story.service;
    match s.stage_proposal(&story.dora, mentor, story.mentee, None).await {
        Ok(staged) => {
            s.withdraw_proposal(&story.dora, staged.proposal).await?;
            Ok("possible".to_owned())
        }
        Err(error) => Ok(error.code().to_owned()),
    }
}

async fn all_that_ben_reads(story: &Community) -> Outcome<String> {
    let (s, ben, page) = (&story.service, &story.ben, PageAsk::default);
    let mut text = String::new();
    writeln!(text, "{:?}", s.my_blocks(ben, page()).await?)?;
    writeln!(text, "{:?}", s.my_avoids(ben, page()).await?)?;
    writeln!(text, "{:?}", s.my_pairs(ben, page()).await?)?;
    writeln!(text, "{:?}", s.my_offers(ben, page()).await?)?;
    writeln!(text, "{:?}", s.my_enrollments(ben, page()).await?)?;
    writeln!(text, "{:?}", s.my_audit(ben, page()).await?)?;
    Ok(text)
}
