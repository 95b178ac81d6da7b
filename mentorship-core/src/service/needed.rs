//! What a run needs of what people answered, so that a large program fits in memory.

use std::collections::BTreeSet;

use crate::{
    base::text::Slug,
    model::{
        answer::{Answer, Answers},
        enrollment::Role,
        form::Form,
    },
};

/// Takes of everybody's answers those that a rule reads, and holds each word of them once for all: what people chose
/// comes from few options, free text is read by no rule, and an answer read from a store has each of its words anew.
#[derive(Debug)]
pub(super) struct Needed {
    mentors: BTreeSet<Slug>,
    mentees: BTreeSet<Slug>,
    words: BTreeSet<Slug>,
}

impl Needed {
    pub(super) fn by(form: &Form) -> Self {
        let (mentors, mentees): (Vec<_>, Vec<_>) =
            form.rules.iter().map(|rule| rule.compares.questions()).unzip();
        let owned = |all: Vec<&Slug>| all.into_iter().cloned().collect();
        Self { mentors: owned(mentors), mentees: owned(mentees), words: BTreeSet::new() }
    }

    pub(super) fn of(&mut self, role: Role, answers: Answers) -> Answers {
        let mut kept = Answers::new();
        for (question, answer) in answers.0 {
            let read = if role == Role::Mentor { &self.mentors } else { &self.mentees };
            if read.contains(&question) {
                let question = self.once(question);
                let answer = self.shared(answer);
                kept.0.insert(question, answer);
            }
        }
        kept
    }

    fn shared(&mut self, answer: Answer) -> Answer {
        match answer {
            Answer::Single(it) => Answer::Single(self.once(it)),
            Answer::Multi(all) => Answer::Multi(all.into_iter().map(|it| self.once(it)).collect()),
            Answer::Rank(all) => Answer::Rank(all.into_iter().map(|it| self.once(it)).collect()),
            Answer::Languages(all) => {
                Answer::Languages(all.into_iter().map(|it| self.once(it)).collect())
            }
            other @ (Answer::Integer(_)
            | Answer::Text(_)
            | Answer::Availability(_)
            | Answer::Zone(_)) => other,
        }
    }

    fn once(&mut self, word: Slug) -> Slug {
        if let Some(known) = self.words.get(&word) {
            return known.clone();
        }
        self.words.insert(word.clone());
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::text::AnswerText,
        model::{form::Form, rule::Rule},
    };

    fn slug(text: &str) -> Slug {
        Slug::new(text).unwrap()
    }

    /// Answers as a store gives them: each word by itself.
    fn answers() -> Answers {
        let options = || ["up", "down"].map(slug).into();
        Answers::new()
            .with(slug("offers"), Answer::Multi(options()))
            .with(slug("wants"), Answer::Rank(vec![slug("down"), slug("up")]))
            .with(slug("languages"), Answer::Languages([slug("pt")].into()))
            .with(slug("stage"), Answer::Integer(3))
            .with(slug("story"), Answer::Text(AnswerText::new("Once upon a time.").unwrap()))
    }

    #[test]
    fn what_no_rule_reads_is_left_and_words_are_held_once() {
        let rule = |key: &str, kind: &str, mentor: &str, mentee: &str| -> Rule {
            serde_json::from_value(serde_json::json!({
                "key": key,
                "compares": { "kind": kind, "mentor": mentor, "mentee": mentee },
                "strength": { "weighted": { "points": 10 } },
                "missing": "neutral",
            }))
            .unwrap()
        };
        let rules =
            vec![rule("a", "ranked", "offers", "wants"), rule("b", "apart", "languages", "stage")];
        let form = Form { version: 1, questions: vec![], rules, eligibility: vec![] };
        let mut needed = Needed::by(&form);
        let mentor = needed.of(Role::Mentor, answers());
        let keys = |it: &Answers| it.0.keys().map(Slug::to_string).collect::<Vec<_>>();
        assert_eq!(keys(&mentor), ["languages", "offers"]);
        let mentee = needed.of(Role::Mentee, answers());
        assert_eq!(keys(&mentee), ["stage", "wants"]);
        for kept in [&mentor, &mentee] {
            assert!(kept.0.iter().all(|(key, answer)| answers().0.get(key) == Some(answer)));
        }
        let (Some(Answer::Multi(offers)), Some(Answer::Rank(wants))) =
            (mentor.get("offers"), mentee.get("wants"))
        else {
            panic!("{mentor:?} {mentee:?}");
        };
        let place = |it: &Slug| it.as_str().as_ptr();
        assert_eq!(place(offers.first().unwrap()), place(&wants[0]), "`down` is held once");
    }
}
