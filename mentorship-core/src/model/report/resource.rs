//! Where somebody finds help, in the words of the host (D17). The library shows it and contacts nobody.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize, de};

use crate::base::{
    input::{InputError, Problem, at_most},
    text::{Note, Title},
};

/// Most entries that are shown to one person.
pub const RESOURCES_MAX: usize = 20;
/// Longest [`Link`], in bytes.
const LINK_MAX_BYTES: usize = 500;
/// What a link may begin with: a page, and ways to reach somebody by hand. Nothing that a browser would run.
const SCHEMES: [&str; 4] = ["https://", "mailto:", "sms:", "tel:"];

/// A link that begins with `https://`, `mailto:`, `sms:` or `tel:`: up to 500 printable ASCII characters.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Link(Arc<str>);

impl Link {
    /// The link as given.
    ///
    /// # Errors
    /// [`InputError`] for the field `link` if it does not have the form.
    pub fn new(raw: &str) -> Result<Self, InputError> {
        let expected =
            "`https://`, `mailto:`, `sms:` or `tel:`, then printable ASCII, up to 500 in all";
        let goes_on = |scheme: &&str| raw.len() > scheme.len() && raw.starts_with(*scheme);
        let ok = raw.len() <= LINK_MAX_BYTES
            && raw.chars().all(|c| c.is_ascii_graphic())
            && SCHEMES.iter().any(goes_on);
        if ok {
            Ok(Self(Arc::from(raw)))
        } else {
            Err(InputError::new("link", Problem::Form { expected }))
        }
    }

    /// The link. It is data: whoever shows it has to escape it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({} bytes)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Link {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        Self::new(&raw).map_err(de::Error::custom)
    }
}

/// One place where help is found: an emergency number, a hotline, a page of the host's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// What it is called.
    pub name: Title,
    /// What it is for, when it is open, in which languages.
    pub text: Option<Note>,
    /// How to reach it.
    pub link: Option<Link>,
}

/// What a host names to somebody, in the order in which it is shown: up to [`RESOURCES_MAX`], by default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Resources(Vec<Resource>);

impl Resources {
    /// These, in this order.
    ///
    /// # Errors
    /// [`InputError`] for the field `resources` if there are too many.
    pub fn new(resources: Vec<Resource>) -> Result<Self, InputError> {
        at_most("resources", resources.len(), RESOURCES_MAX, "resources")?;
        Ok(Self(resources))
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Resource> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'r> IntoIterator for &'r Resources {
    type Item = &'r Resource;
    type IntoIter = std::slice::Iter<'r, Resource>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'de> Deserialize<'de> for Resources {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_begins_as_one_and_runs_nothing() {
        for good in ["tel:112", "sms:+358112", "https://help.example/a?b=1", "mailto:a@b.example"] {
            assert_eq!(Link::new(good).unwrap().as_str(), good);
        }
        let long = format!("https://{}", "a".repeat(LINK_MAX_BYTES - 7));
        let bad = ["", "tel:", "https://", "javascript:alert(1)", "http://help.example", "tel:1 2"];
        for bad in bad.into_iter().chain(["tel:\u{661}", " tel:112", "TEL:112", &long]) {
            assert_eq!(Link::new(bad).unwrap_err().field(), "link", "{bad}");
            let json = serde_json::to_string(bad).unwrap();
            assert!(serde_json::from_str::<Link>(&json).is_err(), "{bad}");
        }
        assert!(Link::new(&long[..LINK_MAX_BYTES]).is_ok());
    }

    #[test]
    fn a_list_is_bounded_and_comes_back() {
        let one = || Resource { name: Title::new("Emergency").unwrap(), text: None, link: None };
        let list = |n: usize| (0..n).map(|_| one()).collect::<Vec<_>>();
        let most = Resources::new(list(RESOURCES_MAX)).unwrap();
        let json = serde_json::to_string(&most).unwrap();
        assert_eq!(serde_json::from_str::<Resources>(&json).unwrap(), most);
        let over = list(RESOURCES_MAX + 1);
        let json = serde_json::to_string(&over).unwrap();
        assert_eq!(Resources::new(over).unwrap_err().field(), "resources");
        assert!(serde_json::from_str::<Resources>(&json).is_err());
    }
}
