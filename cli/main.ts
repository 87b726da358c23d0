import { formats } from '../adapters/formats/formats.ts';
import { diagnose, openAdapters } from './open-adapters.ts';
import { runProgram } from './program.ts';

process.exitCode = await runProgram({ argv: process.argv, environment: process.env, formats, openAdapters, diagnose });
