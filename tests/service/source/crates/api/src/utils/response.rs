pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, AppError> {
    serde_json::to_vec(value).map_err(|e| AppError::Internal(format!("response body of type {} could not be encoded: {e}", std::any::type_name::<T>()))) //~ encode-body
}

pub fn page(number: i64, size: i64) -> Result<Page, AppError> {
    if size > 100 {
        return Err(AppError::BadRequest(format!(
            "page size {size} is larger than {max}", //~ page-size
            max = 100
        )));
    }
    if number < 1 {
        return Err(AppError::BadRequest("page numbers begin at 1".into())); //~ page-number
    }
    Ok(Page { number, size })
}
