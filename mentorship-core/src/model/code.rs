//! Stable codes of enums, and the error of a refused transition.

/// Gives a fieldless enum its stable codes: `code()`, `ALL` and `from_code`. Codes are what is stored
/// and what hosts translate; they never change once released.
macro_rules! coded {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        $vis enum $name {
            $($(#[$vmeta])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The variant with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
pub(crate) use coded;

/// An act that a state does not allow. The record it was asked of is untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{record} in state `{from}` does not allow `{act}`")]
pub struct TransitionError {
    /// What kind of record: `program`, `enrollment`, `proposal`, `pair`, `step`, `case`.
    pub record: &'static str,
    /// Code of the state it is in.
    pub from: &'static str,
    /// Code of the act.
    pub act: &'static str,
}
