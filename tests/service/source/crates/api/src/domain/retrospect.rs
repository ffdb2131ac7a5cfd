use tracing::{event, Level};

mod state {
    pub fn advance(retro: &mut super::Retro) {
        match retro.phase.next() {
            Some(phase) => retro.phase = phase,
            None => tracing::error!(retrospect_id = retro.id, phase = ?retro.phase, "phase has no successor"), //~ no-successor
        }
    }
}

impl Retro {
    pub fn close(&mut self, by: i64) -> Result<(), String> {
        if self.open_questions() > 0 {
            return Err(format!("retrospect {} still has {} open questions", self.id, self.open_questions())); //~ open-questions
        }
        event!(Level::WARN, retrospect_id = self.id, by, "closed before its end date"); //~ closed-early
        Ok(())
    }

    pub fn vote(&mut self, weight: i32) {
        let total = self.votes.checked_add(weight).expect("vote counter overflowed"); //~ expect-votes
        self.votes = total;
    }

    pub fn export(&self) -> Result<Vec<u8>, ExportError> {
        todo!("export of retrospect {} as {}", self.id, self.format) //~ todo-export
    }
}
