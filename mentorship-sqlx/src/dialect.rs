//! What databases write differently: types, placeholders, and a handful of clauses.
//!
//! Statements and tables are written once, with names in braces where databases differ; this file says
//! what each name becomes.

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `SQLite`.
    #[cfg(feature = "sqlite")]
    Sqlite,
    /// `PostgreSQL` and what speaks its language.
    #[cfg(feature = "postgres")]
    Postgres,
    /// `MariaDB` and `MySQL`.
    #[cfg(feature = "mysql")]
    Mysql,
}

/// The words of one database for a name in braces.
type Words = &'static [(&'static str, &'static str)];

#[cfg(feature = "sqlite")]
const SQLITE: Words = &[
    ("key", "TEXT"),
    ("code", "TEXT"),
    ("id", "TEXT"),
    ("int", "INTEGER"),
    ("words", "TEXT"),
    ("doc", "TEXT"),
    ("table", ") STRICT"),
    ("small table", ") STRICT, WITHOUT ROWID"),
    ("roomy", ""),
    ("find", "instr"),
    ("least", "min"),
    ("greatest", "max"),
    ("div", "/"),
    ("claim", ""),
    ("hold", ""),
    ("share", ""),
    ("whole", ""),
];

#[cfg(feature = "postgres")]
const POSTGRES: Words = &[
    ("key", "TEXT COLLATE \"C\""),
    ("code", "TEXT COLLATE \"C\""),
    ("id", "UUID"),
    ("int", "BIGINT"),
    ("words", "TEXT"),
    ("doc", "TEXT"),
    ("table", ")"),
    ("small table", ")"),
    // A changed row stays on its page while there is room, and then no index is told of it.
    ("roomy", " WITH (fillfactor = 85)"),
    ("find", "strpos"),
    ("least", "LEAST"),
    ("greatest", "GREATEST"),
    ("div", "/"),
    // No row written says "taken"; an error would end the transaction of a joined host.
    ("claim", "ON CONFLICT DO NOTHING"),
    // Weaker than FOR UPDATE: a foreign key into the row does not wait.
    ("hold", " FOR NO KEY UPDATE"),
    ("share", " FOR SHARE"),
    ("whole", ""),
];

#[cfg(feature = "mysql")]
const MYSQL: Words = &[
    // No character set and no padding: bytes.
    ("key", "VARBINARY(64)"),
    ("code", "VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin"),
    ("id", "BINARY(16)"),
    ("int", "BIGINT"),
    ("words", "TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
    ("doc", "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
    ("table", ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"),
    ("small table", ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"),
    ("roomy", ""),
    ("find", "INSTR"),
    ("least", "LEAST"),
    ("greatest", "GREATEST"),
    ("div", "DIV"),
    // An error says "taken" and leaves the transaction as it is; "keep" would count a row either way.
    ("claim", ""),
    ("hold", " FOR UPDATE"),
    ("share", " LOCK IN SHARE MODE"),
    // An arm of a UNION keeps its order only under a limit: one that is never reached.
    ("whole", " LIMIT 1000000000"),
];

impl Dialect {
    fn words(self) -> Words {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => SQLITE,
            #[cfg(feature = "postgres")]
            Self::Postgres => POSTGRES,
            #[cfg(feature = "mysql")]
            Self::Mysql => MYSQL,
        }
    }

    fn is_mysql(self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => false,
            #[cfg(feature = "postgres")]
            Self::Postgres => false,
            #[cfg(feature = "mysql")]
            Self::Mysql => true,
        }
    }

    /// What a name in braces becomes; `None` if it is none of these.
    pub(crate) fn word(self, name: &str) -> Option<&'static str> {
        self.words().iter().find(|(known, _)| *known == name).map(|(_, word)| *word)
    }

    /// The tail of an INSERT that replaces the row if its key is there already.
    pub(crate) fn upsert(self, keys: &[&str], columns: &[&str]) -> String {
        let set = |new: &dyn Fn(&str) -> String| {
            let each = columns.iter().map(|column| format!("{column} = {}", new(column)));
            each.collect::<Vec<_>>().join(", ")
        };
        if self.is_mysql() {
            let set = set(&|column| format!("VALUES({column})"));
            return format!("ON DUPLICATE KEY UPDATE {set}");
        }
        let set = set(&|column| format!("excluded.{column}"));
        format!("ON CONFLICT ({}) DO UPDATE SET {set}", keys.join(", "))
    }

    /// The tail of an INSERT that leaves a row as it is if its key is there already.
    pub(crate) fn keep(self, column: &str) -> String {
        if self.is_mysql() {
            return format!("ON DUPLICATE KEY UPDATE {column} = {column}");
        }
        "ON CONFLICT DO NOTHING".to_owned()
    }

    /// Which index a table is read by, where a database would look into every one that begins with the tenant
    /// first, which takes it longer than the reading. Not for a unique key: where one was dropped, reads go on.
    pub(crate) fn by(self, index: &str) -> String {
        match index {
            _ if !self.is_mysql() => String::new(),
            "PRIMARY" => " USE INDEX (PRIMARY)".to_owned(),
            named => format!(" USE INDEX ({{p}}{named})"),
        }
    }

    /// The id that a text holds; nothing for nothing. Any other text may be an error.
    pub(crate) fn parsed_id(self, text: &str) -> String {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => format!("({text})"),
            #[cfg(feature = "postgres")]
            Self::Postgres => format!("CAST({text} AS UUID)"),
            #[cfg(feature = "mysql")]
            Self::Mysql => format!("UNHEX(REPLACE({text}, '-', ''))"),
        }
    }

    /// The text at a path of names in a JSON document; nothing if the path leads nowhere or to `null`.
    pub(crate) fn field(self, document: &str, path: &str) -> String {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => format!("json_extract({document}, '$.{path}')"),
            #[cfg(feature = "postgres")]
            Self::Postgres => format!("({document}::json #>> string_to_array('{path}', '.'))"),
            #[cfg(feature = "mysql")]
            Self::Mysql => format!("JSON_UNQUOTE(JSON_EXTRACT({document}, '$.{path}'))"),
        }
    }

    /// A condition that holds strictly after a place in the order of some columns, with `?n` for the
    /// place's values from number `first` on.
    pub(crate) fn after(self, columns: &[&str], first: usize) -> String {
        if !self.is_mysql() {
            let places: Vec<String> =
                (first..first + columns.len()).map(|n| format!("?{n}")).collect();
            return format!("({}) > ({})", columns.join(", "), places.join(", "));
        }
        // MySQL and MariaDB walk an index for this form only.
        let Some((column, rest)) = columns.split_first() else { return "1 = 0".to_owned() };
        if rest.is_empty() {
            return format!("{column} > ?{first}");
        }
        let rest = self.after(rest, first + 1);
        format!("({column} > ?{first} OR ({column} = ?{first} AND {rest}))")
    }

    /// Whether an index may leave rows out.
    pub(crate) fn has_partial_indexes(self) -> bool {
        !self.is_mysql()
    }

    /// Whether rows are locked one by one, so that a row has to be there before it can be held. A
    /// database that has one writer at a time needs neither.
    pub(crate) fn locks_rows(self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => false,
            #[cfg(feature = "postgres")]
            Self::Postgres => true,
            #[cfg(feature = "mysql")]
            Self::Mysql => true,
        }
    }
}
