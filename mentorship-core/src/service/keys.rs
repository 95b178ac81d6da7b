//! The key of a tenant, and the pseudonyms that are made with it.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::base::host::{PersonId, TenantId};

/// What the digests are for, so that no other use of the same key gives the same.
const DOMAIN: &str = "mentorship/erased/1";
/// A block of SHA-256, to which HMAC fills a shorter key up with zeros.
const BLOCK: usize = 64;

/// A secret of 32 random bytes that a host keeps for a tenant. Never shown, and overwritten when it is dropped.
#[derive(Clone)]
pub struct TenantKey(Zeroizing<[u8; 32]>);

impl TenantKey {
    /// The key of these bytes, which must be random: whoever can guess them can find out who was erased.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The pseudonym of a person's key, of the first life under it (0) or of a later one: 128 bits of
    /// HMAC-SHA-256, in the form of a UUID like a random one.
    ///
    /// Source: RFC 2104; docs/adr/0013-coming-back.md
    pub(super) fn pseudonym(&self, tenant: &TenantId, person: &PersonId, life: u32) -> PersonId {
        let mut block = Zeroizing::new([0; BLOCK]);
        for (into, byte) in block.iter_mut().zip(self.0.iter()) {
            *into = *byte;
        }
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        let life = life.to_le_bytes();
        // Each part says how long it is, so that no two lists of parts are one text.
        for part in
            [DOMAIN.as_bytes(), tenant.as_str().as_bytes(), person.as_str().as_bytes(), &life]
        {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            mac.update(part);
        }
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let half = digest.first_chunk().copied().unwrap_or_default();
        PersonId::erased(Uuid::from_bytes(half))
    }
}

impl fmt::Debug for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonym(key: u8, tenant: &str, person: &str, life: u32) -> PersonId {
        let tenant = TenantId::try_from(tenant).unwrap();
        TenantKey::new([key; 32]).pseudonym(&tenant, &PersonId::try_from(person).unwrap(), life)
    }

    #[test]
    fn a_pseudonym_is_of_a_key_a_tenant_a_person_and_a_life() {
        let one = pseudonym(7, "harbour", "ana", 0);
        assert!(one.is_erased());
        assert_eq!(pseudonym(7, "harbour", "ana", 0), one);
        for other in [
            pseudonym(8, "harbour", "ana", 0),
            pseudonym(7, "harbou", "rana", 0),
            pseudonym(7, "harbour", "anb", 0),
            pseudonym(7, "harbour", "ana", 1),
        ] {
            assert_ne!(other, one);
        }
    }

    /// What is stored never changes its meaning. Made with Python's `hmac`.
    #[test]
    fn a_pseudonym_stays_what_it_is() {
        assert_eq!(
            pseudonym(7, "harbour", "ana", 0).as_str(),
            "erased:877490c9-184b-0fe7-b0a6-6ea4e0a863dd"
        );
        assert_eq!(
            pseudonym(7, "harbour", "ana", 1).as_str(),
            "erased:c5144319-6567-54a0-03d0-0fe5ddc6f193"
        );
    }

    #[test]
    fn a_key_is_never_shown() {
        assert_eq!(format!("{:?}", TenantKey::new([7; 32])), "TenantKey(..)");
    }
}
