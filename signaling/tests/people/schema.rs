//! The two sets of migrations make the same tables.

use std::collections::BTreeMap;

use crate::support::stores;

/// Columns by table, in both words: name, and whether it may be NULL.
type Tables = BTreeMap<String, BTreeMap<String, bool>>;

#[tokio::test]
async fn sqlite_and_postgres_have_the_same_tables_and_columns() {
    let mut seen: Vec<Tables> = Vec::new();
    for test in stores().await {
        let rows: Vec<(String, String, bool)> = if test.database.url.is_empty() {
            let file = test.folder.path().join("diemcau.db");
            let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display()))
                .await
                .unwrap();
            sqlx::query_as(
                "SELECT m.name, c.name, c.\"notnull\" = 0 FROM sqlite_master m, pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
            )
            .fetch_all(&pool)
            .await
            .unwrap()
        } else {
            let pool = sqlx::PgPool::connect(&test.database.url).await.unwrap();
            sqlx::query_as(
                "SELECT table_name::text, column_name::text, is_nullable = 'YES' FROM information_schema.columns
                 WHERE table_schema = current_schema()",
            )
            .fetch_all(&pool)
            .await
            .unwrap()
        };
        let mut tables = Tables::new();
        for (table, column, nullable) in rows {
            tables.entry(table).or_default().insert(column, nullable);
        }
        tables.remove("_sqlx_migrations");
        seen.push(tables);
    }
    assert!(
        seen[0].contains_key("session_event"),
        "{:?}",
        seen[0].keys()
    );
    assert_eq!(
        seen[0].len(),
        33,
        "a new table belongs into the documentation: {:?}",
        seen[0].keys()
    );
    for other in &seen[1..] {
        assert_eq!(&seen[0], other);
    }
}

#[test]
fn migrations_have_the_same_numbers() {
    let names = |database: &str| {
        let folder = format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
