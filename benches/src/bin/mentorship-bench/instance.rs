//! The binary format of an instance, little-endian: `u64` magic, mentees, mentors, edges; `u32` capacity of
//! each mentor; `u64` starts of the rows and the end; `u32` mentor of each edge; `i32` weights `int`, then
//! `i32` weights `flt`.

use std::{
    fs,
    io::{self, BufWriter, Read as _, Write},
    path::Path,
};

use mentorship_benches::hex;
use mentorship_core::matching::problem::Problem;
use sha2::{Digest as _, Sha256};

use crate::{Failure, Weights};

const MAGIC: u64 = 0x3149_4D4D;

/// What is written to a file.
#[derive(Debug, Default)]
pub(crate) struct Instance {
    pub(crate) capacity: Vec<u32>,
    pub(crate) starts: Vec<u64>,
    pub(crate) mentors: Vec<u32>,
    pub(crate) int: Vec<i32>,
    pub(crate) flt: Vec<i32>,
}

impl Instance {
    pub(crate) fn new(capacity: Vec<u32>) -> Self {
        Self { capacity, starts: vec![0], ..Self::default() }
    }

    pub(crate) fn edge(&mut self, mentor: u32, int: i32, flt: i32) {
        self.mentors.push(mentor);
        self.int.push(int);
        self.flt.push(flt);
    }

    pub(crate) fn end_row(&mut self) {
        self.starts.push(self.mentors.len() as u64);
    }

    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let mut out = BufWriter::new(fs::File::create(path)?);
        let mentees = self.starts.len() as u64 - 1;
        for number in [MAGIC, mentees, self.capacity.len() as u64, self.mentors.len() as u64] {
            out.write_all(&number.to_le_bytes())?;
        }
        for number in &self.capacity {
            out.write_all(&number.to_le_bytes())?;
        }
        for number in &self.starts {
            out.write_all(&number.to_le_bytes())?;
        }
        for number in &self.mentors {
            out.write_all(&number.to_le_bytes())?;
        }
        for number in self.int.iter().chain(&self.flt) {
            out.write_all(&number.to_le_bytes())?;
        }
        out.flush()
    }
}

/// Takes numbers off the front of a file.
struct Reader<'a> {
    bytes: &'a [u8],
    path: &'a Path,
}

impl Reader<'_> {
    fn numbers<const N: usize, T>(
        &mut self,
        count: u64,
        read: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, Failure> {
        let wanted = usize::try_from(count).ok().and_then(|count| count.checked_mul(N));
        let Some((numbers, rest)) = wanted.and_then(|it| self.bytes.split_at_checked(it)) else {
            return Err(format!("{}: the file ends too early", self.path.display()).into());
        };
        self.bytes = rest;
        let (numbers, _) = numbers.as_chunks::<N>();
        Ok(numbers.iter().map(|it| read(*it)).collect())
    }
}

/// How many mentees, mentors and edges an instance says that it has.
pub(crate) fn head(path: &Path) -> Result<[u64; 3], Failure> {
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    let mut head = Vec::new();
    fs::File::open(path).map_err(failed)?.take(32).read_to_end(&mut head).map_err(failed)?;
    let numbers = Reader { bytes: &head, path }.numbers(4, u64::from_le_bytes);
    match numbers.as_deref() {
        Ok(&[MAGIC, mentees, mentors, edges]) => Ok([mentees, mentors, edges]),
        _ => Err(format!("{}: not an instance", path.display()).into()),
    }
}

/// A problem, and the digest of the file.
pub(crate) fn read(path: &Path, weights: Weights) -> Result<(Problem, String), Failure> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let digest = hex(&Sha256::digest(&bytes));
    let mut reader = Reader { bytes: &bytes, path };
    let head = reader.numbers(4, u64::from_le_bytes)?;
    let &[MAGIC, mentees, mentors, edges] = head.as_slice() else {
        return Err(format!("{}: not an instance", path.display()).into());
    };
    let capacity = reader.numbers(mentors, u32::from_le_bytes)?;
    let starts = reader.numbers(mentees.saturating_add(1), u64::from_le_bytes)?;
    let starts: Result<Vec<u32>, _> = starts.into_iter().map(u32::try_from).collect();
    let starts = starts.map_err(|_| format!("{}: too many edges", path.display()))?;
    let columns = reader.numbers(edges, u32::from_le_bytes)?;
    if weights == Weights::Flt {
        reader.numbers(edges, |_: [u8; 4]| ())?;
    }
    let weights = reader.numbers(edges, i32::from_le_bytes)?;
    let problem = Problem::from_rows(capacity, starts, columns, weights)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((problem, digest))
}
