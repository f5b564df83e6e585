//! What a person does with a page: pointing, typing, pressing keys.

use serde_json::json;

use super::element::{Element, Role};
use super::page::Page;

/// A key that is not a character, with what the browser wants to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// To the next control.
    Tab,
    /// To the one before.
    ShiftTab,
    /// Follows, sends.
    Enter,
    /// Presses, checks.
    Space,
    /// Leaves.
    Escape,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
}

impl Key {
    /// Its name, its code, its number, and the text that it writes.
    fn parts(self) -> (&'static str, &'static str, u32, &'static str) {
        match self {
            Self::Tab | Self::ShiftTab => ("Tab", "Tab", 9, ""),
            Self::Enter => ("Enter", "Enter", 13, "\r"),
            Self::Space => (" ", "Space", 32, " "),
            Self::Escape => ("Escape", "Escape", 27, ""),
            Self::Up => ("ArrowUp", "ArrowUp", 38, ""),
            Self::Down => ("ArrowDown", "ArrowDown", 40, ""),
            Self::Left => ("ArrowLeft", "ArrowLeft", 37, ""),
            Self::Right => ("ArrowRight", "ArrowRight", 39, ""),
        }
    }
}

/// Where to point at an element, and whether it is what is met there. A label stands for its control.
const AIM: &str = "function() {
  const box = [...this.getClientRects()].find((box) => box.width > 0 && box.height > 0);
  if (!box) return null;
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const met = document.elementFromPoint(x, y);
  const is_it = met && (this.contains(met) || met.closest('label')?.control === this);
  return is_it ? { x, y } : null;
}";

impl Page {
    /// Waits until something is there and can be met by a pointer, and clicks it.
    pub async fn click(&self, role: Role, name: &str) {
        self.until(&format!("a click on {role:?} {name:?}"), async || {
            let element = self.look_for(role, name).await?;
            self.click_on(&element).await
        })
        .await;
    }

    /// Writes into the field with the label, in place of what was in it.
    pub async fn fill(&self, label: &str, text: &str) {
        self.click(Role::Field, label).await;
        self.write_anew(text).await;
    }

    /// Chooses an option of the list with the label, as the keyboard does.
    pub async fn choose(&self, label: &str, option: &str) {
        let list = self.find(Role::Choice, label).await;
        self.on(&list, "function() { this.focus(); }").await.expect("a list takes the focus");
        self.pick(option).await;
    }

    /// Picks an option of the list that has the focus, by typing its name.
    pub async fn pick(&self, option: &str) {
        self.write(option).await;
        let chosen = "document.activeElement.selectedOptions[0].label.trim()";
        let chosen = self.evaluate(chosen).await;
        assert_eq!(chosen, option, "typing an option's name chooses it");
    }

    /// Writes in place of what is in the field that has the focus.
    pub async fn write_anew(&self, text: &str) {
        let all = json!({ "type": "rawKeyDown", "key": "a", "commands": ["selectAll"] });
        self.call("Input.dispatchKeyEvent", all).await;
        self.write(text).await;
    }

    /// Types characters, one after another.
    pub async fn write(&self, text: &str) {
        for character in text.chars() {
            let text = character.to_string();
            let down = json!({ "type": "keyDown", "key": text, "text": text });
            self.call("Input.dispatchKeyEvent", down).await;
            self.call("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": text })).await;
        }
    }

    /// Presses a key.
    pub async fn press(&self, key: Key) {
        let (name, code, number, text) = key.parts();
        let modifiers = if key == Key::ShiftTab { 8 } else { 0 };
        let mut event = json!({ "type": "keyDown", "key": name, "code": code,
            "windowsVirtualKeyCode": number, "modifiers": modifiers });
        if !text.is_empty() {
            event["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", event.clone()).await;
        event["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", event).await;
    }

    /// Presses Tab until something has the focus; fails when that takes more than `at_most`.
    /// Returns how often it was pressed.
    pub async fn tab_to(&self, role: Role, name: &str, at_most: usize) -> usize {
        let mut stops = Vec::new();
        while stops.len() < at_most {
            self.press(Key::Tab).await;
            match self.focused().await {
                Some(element) if element.is(role, name) => return stops.len() + 1,
                Some(element) => stops.push(format!("{} {:?}", element.role, element.name)),
                None => stops.push("nothing".to_owned()),
            }
        }
        let stops = stops.join(", ");
        self.give_up(&format!("Tab leads to {stops}; not to {role:?} {name:?}")).await
    }

    /// Clicks in the middle of an element; nothing when it is gone, hidden or covered.
    async fn click_on(&self, element: &Element) -> Option<()> {
        let node = json!({ "backendNodeId": element.node });
        self.try_call("DOM.scrollIntoViewIfNeeded", node).await.ok()?;
        let aim = self.on(element, AIM).await.ok().filter(|aim| !aim.is_null())?;
        let event = |kind: &str, button: &str| {
            json!({ "type": kind, "button": button, "clickCount": i32::from(button != "none"),
                "x": aim["x"], "y": aim["y"] })
        };
        self.call("Input.dispatchMouseEvent", event("mouseMoved", "none")).await;
        self.call("Input.dispatchMouseEvent", event("mousePressed", "left")).await;
        self.call("Input.dispatchMouseEvent", event("mouseReleased", "left")).await;
        Some(())
    }
}
