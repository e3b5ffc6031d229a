//! Questions → observations. `prometheus` asks a server over HTTP, `recorded` reads an earlier run's answers.
