#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error("answer is {length} characters long, at most {} are kept", MAX_LENGTH)] //~ answer-long
    TooLong { length: usize },
    #[error("question {question} of retrospect {retrospect} takes no answers of kind {kind:?}")] //~ answer-kind
    WrongKind { question: i64, retrospect: i64, kind: Kind },
    #[error("could not store answer: {source}")]
    Store { #[from] source: sqlx::Error },
}

pub fn check(answer: &Answer) -> Result<(), AnswerError> {
    if answer.text.chars().count() > MAX_LENGTH {
        return Err(AnswerError::TooLong { length: answer.text.chars().count() });
    }
    assert!(!answer.question.is_deleted(), "answer refers to deleted question {}", answer.question.id); //~ assert-deleted
    Ok(())
}

pub fn merge(left: Answer, right: Answer) -> Answer {
    assert_eq!(left.question.id, right.question.id, "answers of different questions cannot be merged"); //~ assert-merge
    match (left.kind, right.kind) {
        (Kind::Text, Kind::Text) => left.join(right),
        (Kind::Vote, Kind::Vote) => left.sum(right),
        (a, b) => unreachable!("merge of {a:?} and {b:?} was checked before"), //~ unreachable-merge
    }
}
