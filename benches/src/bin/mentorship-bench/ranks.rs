//! Who ranks whom in an instance, for stable pairings: as `solve --stable` reads it.

use std::{cmp::Reverse, path::Path};

use super::{Failure, instance::Instance, stable::HEADER};

/// The place from 1 of each of some edges among those of the same person. `order` sorts first by the person.
fn places<K: Ord>(edges: usize, person: &[u32], order: impl Fn(usize) -> K) -> Vec<u32> {
    let mut sorted: Vec<usize> = (0..edges).collect();
    sorted.sort_unstable_by_key(|edge| order(*edge));
    let mut places = vec![0; edges];
    let (mut before, mut place) = (None, 0);
    for edge in sorted {
        let of = person.get(edge);
        place = if of == before { place + 1 } else { 1 };
        before = of;
        if let Some(it) = places.get_mut(edge) {
            *it = place;
        }
    }
    places
}

/// Writes the ranks of both sides and the places of mentors. Mentees rank by the points `flt`, mentors by the
/// points `int`; of those with equal points the lower number is preferred, so that there are no ties.
pub(crate) fn write(
    instance: &Instance,
    preferences: &Path,
    capacities: &Path,
) -> Result<(), Failure> {
    let mut mentees = Vec::with_capacity(instance.mentors.len());
    for (mentee, ends) in (0_u32..).zip(instance.starts.windows(2)) {
        let &[begin, end] = ends else { continue };
        mentees.extend((begin..end).map(|_| mentee));
    }
    let edges = mentees.len();
    let (mentors, int, flt) = (&instance.mentors, &instance.int, &instance.flt);
    let of_mentee = places(edges, &mentees, |edge| {
        (mentees.get(edge), Reverse(flt.get(edge)), mentors.get(edge))
    });
    let of_mentor = places(edges, mentors, |edge| {
        (mentors.get(edge), Reverse(int.get(edge)), mentees.get(edge))
    });
    let named = |path: &Path, error: csv::Error| format!("{}: {error}", path.display());
    let rows = mentees.iter().zip(mentors).zip(of_mentee.iter().zip(&of_mentor));
    let rows = rows.map(|((mentee, mentor), ranks)| [*mentee, *mentor, *ranks.0, *ranks.1]);
    table(preferences, &HEADER, rows).map_err(|error| named(preferences, error))?;
    let places = (0..).zip(&instance.capacity).map(|(mentor, places)| [mentor, *places]);
    let header = ["mentor", "capacity"];
    Ok(table(capacities, &header, places).map_err(|error| named(capacities, error))?)
}

fn table<const N: usize>(
    path: &Path,
    header: &[&str; N],
    rows: impl Iterator<Item = [u32; N]>,
) -> Result<(), csv::Error> {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(header)?;
    for row in rows {
        out.write_record(row.map(|it| it.to_string()))?;
    }
    Ok(out.flush()?)
}
