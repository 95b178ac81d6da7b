//! The shipped templates: that they are whole, and that a released one never changes unnoticed.

#![allow(clippy::unwrap_used, reason = "helpers of tests state what they expect")]

use mentorship_core::{
    base::text::Slug,
    model::{
        form::{Sensitivity, VisibleTo},
        program::Oversight,
        template::Template,
    },
    templates::{self, TemplateError},
};
use sha2::{Digest, Sha256};

/// SHA-256 of each template's canonical JSON. A change of a template's content needs a new version
/// and a new line here.
const GOLDEN: &[(&str, u32, &str)] = &[
    ("career-advancement", 1, "25a77670ae741cccc81a3aa2d2b5f5d1801e7b2d6096f6ad704db9118ac7fa24"),
    ("skill-development", 1, "04b9780ab05e10478e41aa5cf631cc349c4f824796bf686825028c346baca966"),
    (
        "encouragement-support",
        1,
        "7c639186a8a3702298ce824f0ef3ab29082f83d285819db9fbc9e9b8821e56b6",
    ),
    ("education-pilot", 1, "352dc5f00ceb75bd6f8020c371790b63a399af9dfceb840a0ad50b413ee6d0ca"),
    (
        "crisis-recovery-pilot",
        1,
        "d27a4cabe57f4fd70dffa701a2deb165f82a75985a995207f0841aa25d87790a",
    ),
    ("flash", 1, "55fb0c9350f71abe3d8e6148f7ab3afe401d607236b60fd1eb80f6eef47c897a"),
];

fn all() -> Vec<Template> {
    templates::keys().map(|key| templates::shipped(key).unwrap()).collect()
}

#[test]
fn every_shipped_template_loads_under_its_key() {
    for (key, template) in templates::keys().zip(all()) {
        assert_eq!(template.key.as_str(), key);
        assert!(!template.form.rules.is_empty());
        assert!(template.guide.steps.iter().filter(|step| step.closing).count() == 1);
        assert!(template.guide.steps.last().unwrap().closing);
    }
    assert!(matches!(templates::shipped("nope"), Err(TemplateError::Unknown)));
}

#[test]
fn lengths_and_oversight_are_as_promised() {
    let by = |key| templates::shipped(key).unwrap();
    assert_eq!(by("education-pilot").guide.steps.len(), 24);
    assert_eq!(by("flash").guide.steps.len(), 1);
    for key in ["career-advancement", "skill-development", "encouragement-support"] {
        assert_eq!(by(key).guide.steps.len(), 8, "{key}");
    }
    let crisis = by("crisis-recovery-pilot");
    assert_eq!(crisis.policy.oversight, Oversight::Supervised);
    let predicates = crisis.form.host_predicates(mentorship_core::model::enrollment::Role::Mentor);
    assert!(predicates.contains(&Slug::new("trained").unwrap()));
}

#[test]
fn special_categories_are_for_the_rules_alone() {
    for template in all() {
        for question in &template.form.questions {
            if question.sensitivity == Sensitivity::SpecialCategory {
                assert_eq!(question.visible_to, VisibleTo::Matcher);
                assert!(!question.required, "{} forces a special category", question.key);
            }
        }
    }
}

#[test]
fn message_keys_are_unique_and_words_neither_ask_for_nor_warn_of_meeting_in_person() {
    for template in all() {
        let json = serde_json::to_value(&template).unwrap();
        let mut keys = std::collections::BTreeMap::new();
        let mut stack = vec![&json];
        while let Some(value) = stack.pop() {
            match value {
                serde_json::Value::Object(map) => {
                    if let (Some(key), Some(en)) = (map.get("key"), map.get("en")) {
                        let (key, en) = (key.as_str().unwrap(), en.as_str().unwrap());
                        if let Some(other) = keys.insert(key, en) {
                            assert_eq!(other, en, "{key} says two things");
                        }
                        let lower = en.to_lowercase();
                        for word in ["in person", "face to face", "meet up"] {
                            assert!(!lower.contains(word), "{key} speaks of meeting: D38");
                        }
                    }
                    stack.extend(map.values());
                }
                serde_json::Value::Array(items) => stack.extend(items),
                _ => {}
            }
        }
    }
}

#[test]
fn a_template_survives_json_and_a_misspelt_field_is_named() {
    let template = templates::shipped("flash").unwrap();
    let json = serde_json::to_string(&template).unwrap();
    assert_eq!(Template::from_json(&json).unwrap(), template);
    let wrong = json.replacen("offer_days", "ofer_days", 1);
    let error = Template::from_json(&wrong).unwrap_err().to_string();
    assert!(error.contains("ofer_days"), "{error}");
    let huge = " ".repeat(templates::TEMPLATE_MAX_BYTES + 1);
    assert!(matches!(Template::from_json(&huge), Err(TemplateError::TooLarge { .. })));
    let late = json.replacen("\"offer_days\":7", "\"offer_days\":61", 1);
    let error = Template::from_json(&late).unwrap_err().to_string();
    assert_eq!(error, "`policy.offer_days` is 61; it must be from 1 to 60");
}

#[test]
fn released_templates_do_not_change() {
    let mut missing = Vec::new();
    for template in all() {
        let json = serde_json::to_string(&template).unwrap();
        let sum = Sha256::digest(json.as_bytes());
        let hex = sum.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let line = (template.key.as_str(), template.version, hex.as_str());
        if !GOLDEN.contains(&line) {
            missing.push(format!("{line:?},"));
        }
    }
    assert!(missing.is_empty(), "not the released content:\n{}", missing.join("\n"));
}
