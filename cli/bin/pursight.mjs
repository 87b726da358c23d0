#!/usr/bin/env node
// An executable file of the repository: what the compiler writes is not executable, and npx only links it.
import '../../dist/cli/main.js';
