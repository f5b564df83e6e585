//! axe-core: what a page keeps from people who see, hear or point differently.
//!
//! It is an npm package, of which the lock file in `tests/tools` has the version and the digest;
//! `make test` puts it there. It runs in pages under test and is no part of the program.

use std::fs;
use std::sync::LazyLock;

use serde_json::Value;

use super::page::Page;

static SOURCE: LazyLock<String> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/node_modules/axe-core/axe.min.js");
    match fs::read_to_string(path) {
        Ok(source) => source,
        Err(error) => panic!("axe-core is not there ({error}): run `make test`, which fetches it"),
    }
});

/// Findings that shut somebody out, each with the first elements that it is about.
const RUN: &str = "axe.run(document, { resultTypes: ['violations'] }).then((found) =>
  found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, help, nodes }) => `${impact} ${id}: ${help}\\n` +
      nodes.slice(0, 3).map((node) => `    ${node.target}: ${node.html}\\n` +
        `      ${node.failureSummary}`).join('\\n')))";

impl Page {
    /// Returns what axe-core finds serious or critical.
    pub async fn barriers(&self) -> Vec<String> {
        // Nobody's policy binds the browser's own scripts.
        self.evaluate(&format!("{};null", &*SOURCE)).await;
        let Value::Array(found) = self.evaluate(RUN).await else { panic!("axe-core has no say") };
        found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    }
}
