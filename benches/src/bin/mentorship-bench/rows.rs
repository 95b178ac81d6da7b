//! Rows of comma-separated text, each with its line.
//!
//! A row without a quote is split where it stands, which is as fast as looking at every byte once; quotes are
//! read as the `csv` crate reads them, save that a cell ends on the line on which it began. Otherwise one quote
//! that is never closed would make one cell of all that follows.
#![expect(
    clippy::indexing_slicing,
    reason = "every cut is at a byte that was found, and those are ASCII"
)]

use std::borrow::Cow;

/// The column of a cell that cannot be read, from 0, and why it cannot.
pub(crate) type Unread = (usize, &'static str);

/// What is left of a text.
pub(crate) struct Rows<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        // As spreadsheets begin their files.
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), at: 0, line: 0 }
    }

    /// The cells of the next row and its line from 1; lines with nothing on them are passed over. Lines end as
    /// on any system.
    pub(crate) fn next(
        &mut self,
        cells: &mut Vec<Cow<'a, str>>,
    ) -> Option<(u64, Result<(), Unread>)> {
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            cells.clear();
            let (mut begin, mut end, mut quotes) = (self.at, bytes.len(), false);
            for (at, byte) in (self.at..).zip(&bytes[self.at..]) {
                match byte {
                    b',' => {
                        cells.push(Cow::Borrowed(&self.text[begin..at]));
                        begin = at + 1;
                    }
                    b'\n' | b'\r' => {
                        end = at;
                        break;
                    }
                    b'"' => quotes = true,
                    _ => {}
                }
            }
            let row = &self.text[self.at..end];
            let both = bytes.get(end..end + 2) == Some(b"\r\n");
            self.at = end + 1 + usize::from(both);
            self.line += 1;
            if !row.trim().is_empty() {
                cells.push(Cow::Borrowed(&self.text[begin..end]));
                return Some((self.line, if quotes { quoted(row, cells) } else { Ok(()) }));
            }
        }
        None
    }
}

/// The cells of a row in which there are quotes.
fn quoted<'a>(row: &'a str, cells: &mut Vec<Cow<'a, str>>) -> Result<(), Unread> {
    cells.clear();
    let mut rest = Some(row);
    while let Some(row) = rest {
        let (cell, after) = match row.strip_prefix('"') {
            None => {
                let (cell, after) = until_comma(row);
                (Cow::Borrowed(cell), after)
            }
            Some(mut inner) => {
                let mut cell = String::new();
                loop {
                    let unclosed = (cells.len(), "a quote that is not closed on this line");
                    let (before, after) = inner.split_once('"').ok_or(unclosed)?;
                    cell.push_str(before);
                    inner = after;
                    // Two quotes are one that is meant.
                    let Some(after) = inner.strip_prefix('"') else { break };
                    cell.push('"');
                    inner = after;
                }
                let (behind, after) = until_comma(inner);
                cell.push_str(behind);
                (Cow::Owned(cell), after)
            }
        };
        cells.push(cell);
        rest = after;
    }
    Ok(())
}

fn until_comma(row: &str) -> (&str, Option<&str>) {
    row.split_once(',').map_or((row, None), |(cell, after)| (cell, Some(after)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test states what it expects")]
mod tests {
    use mentorship_benches::random::SplitMix;

    use super::*;

    type All = Vec<(u64, Result<Vec<String>, Unread>)>;

    fn all(text: &str) -> All {
        let (mut rows, mut cells, mut all) = (Rows::new(text), Vec::new(), Vec::new());
        while let Some((line, read)) = rows.next(&mut cells) {
            let owned = || cells.iter().map(|it| it.clone().into_owned()).collect();
            all.push((line, read.map(|()| owned())));
        }
        all
    }

    fn cells(line: u64, cells: &[&str]) -> (u64, Result<Vec<String>, Unread>) {
        (line, Ok(cells.iter().map(|it| (*it).to_owned()).collect()))
    }

    #[test]
    fn lines_are_counted_however_they_end() {
        let text = "\u{feff}a,b\r\n\r\n c ,\n \t\n\n\"d\"\"e\",f\"g\rh,i";
        let expected = [
            cells(1, &["a", "b"]),
            cells(3, &[" c ", ""]),
            cells(6, &["d\"e", "f\"g"]),
            cells(7, &["h", "i"]),
        ];
        assert_eq!(all(text), expected);
        assert!(all("").is_empty() && all("\u{feff}\r\n\n\r").is_empty());
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_its_line_only() {
        let found = all("a,b\n1,\"x,2\n3,4\n\"5");
        let why = "a quote that is not closed on this line";
        let expected =
            [cells(1, &["a", "b"]), (2, Err((1, why))), cells(3, &["3", "4"]), (4, Err((0, why)))];
        assert_eq!(found, expected);
    }

    #[test]
    fn cells_are_those_that_the_crate_reads() {
        let mut random = SplitMix::new(7);
        let mut quoted = 0;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..random.below(12) {
                text.push(
                    ['a', 'é', ' ', ',', '"', '"'][usize::try_from(random.below(6)).unwrap()],
                );
            }
            let ours = all(&text);
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> = reader
                .records()
                .map(|it| it.unwrap().iter().map(str::to_owned).collect())
                .collect();
            let Some((_, Ok(ours))) = ours.into_iter().next() else { continue };
            quoted += usize::from(text.contains("\"\""));
            assert_eq!(theirs, [ours], "{text}");
        }
        assert!(quoted > 1_000, "{quoted} rows with quotes");
    }
}
