//! Finding things as assistive technology does: by their role and their accessible name.

use serde_json::{Value, json};

use super::page::{Page, folded, text_of, value_of};
use super::pipe::Answer;

/// What something is to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Leads somewhere.
    Link,
    /// Does something.
    Button,
    /// Takes text: words, a search, a number, a date.
    Field,
    /// One of a list.
    Choice,
    /// On or off.
    Check,
    /// One of several that are all shown.
    Radio,
    /// Shows or hides what belongs to it.
    Disclosure,
    /// Says what follows.
    Heading,
    /// One row of a table.
    Row,
}

impl Role {
    /// The browser's names of it.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Link => &["link"],
            Self::Button => &["button"],
            Self::Field => &["textbox", "searchbox", "spinbutton", "Date", "DateTime"],
            Self::Choice => &["combobox", "listbox"],
            Self::Check => &["checkbox", "switch"],
            Self::Radio => &["radio"],
            Self::Disclosure => &["DisclosureTriangle"],
            Self::Heading => &["heading"],
            Self::Row => &["row"],
        }
    }
}

/// Something on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The browser's number of it.
    pub(super) node: i64,
    /// The browser's name of its role.
    pub role: String,
    /// What it is called.
    pub name: String,
}

impl Element {
    /// Tells whether it is one of the kind whose name is `name`, or else has it in it.
    pub fn is(&self, role: Role, name: &str) -> bool {
        role.names().contains(&&*self.role) && folded(&self.name).contains(&folded(name))
    }

    fn of(node: &Value) -> Option<Self> {
        let role = text_of(&node["role"]["value"]);
        let name = text_of(&node["name"]["value"]);
        Some(Self { node: node["backendDOMNodeId"].as_i64()?, role, name })
    }
}

impl Page {
    /// Waits for something and returns it.
    pub async fn find(&self, role: Role, name: &str) -> Element {
        let what = format!("{role:?} {name:?}");
        self.until(&what, async || self.look_for(role, name).await).await
    }

    /// Returns something when it is there now: called exactly so rather than having it in its name.
    pub async fn look_for(&self, role: Role, name: &str) -> Option<Element> {
        let all = self.all(role).await;
        let exact = all.iter().find(|element| folded(&element.name) == folded(name));
        exact.or_else(|| all.iter().find(|element| element.is(role, name))).cloned()
    }

    /// Returns everything of a kind that is there now, in the order of the page.
    pub async fn all(&self, role: Role) -> Vec<Element> {
        let mut found = Vec::new();
        for name in role.names() {
            // A page that is on its way to another one has nothing.
            let Ok(nodes) = self.nodes(name).await else { return Vec::new() };
            found.extend(
                nodes.iter().filter(|node| node["ignored"] != true).filter_map(Element::of),
            );
        }
        found
    }

    /// Returns what has the focus.
    pub async fn focused(&self) -> Option<Element> {
        let object = self.object("document.activeElement").await.ok()?;
        let params = json!({ "objectId": object, "fetchRelatives": false });
        let tree = self.try_call("Accessibility.getPartialAXTree", params).await.ok()?;
        Element::of(tree["nodes"].get(0)?)
    }

    /// Calls a function with the element as `this`.
    pub(super) async fn on(&self, element: &Element, function: &str) -> Answer {
        let params = json!({ "backendNodeId": element.node });
        let resolved = self.try_call("DOM.resolveNode", params).await?;
        let params = json!({ "objectId": resolved["object"]["objectId"],
            "functionDeclaration": function, "awaitPromise": true, "returnByValue": true });
        value_of(self.try_call("Runtime.callFunctionOn", params).await?)
    }

    async fn nodes(&self, role: &str) -> Result<Vec<Value>, String> {
        let document = self.object("document").await?;
        let params = json!({ "objectId": document, "role": role });
        let mut found = self.try_call("Accessibility.queryAXTree", params).await?;
        let Value::Array(nodes) = found["nodes"].take() else { return Ok(Vec::new()) };
        Ok(nodes)
    }

    async fn object(&self, expression: &str) -> Answer {
        let params = json!({ "expression": expression });
        let mut answer = self.try_call("Runtime.evaluate", params).await?;
        Ok(answer["result"]["objectId"].take())
    }
}
