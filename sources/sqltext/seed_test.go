package sqltext_test

import _ "github.com/skeinsql/skein/internal/seed" // the same draws in every run of continuous integration
