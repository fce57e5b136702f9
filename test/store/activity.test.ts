import { activitySuite } from './activity.suite.ts';
import { sqliteHome } from './sqlite-home.ts';

activitySuite('SQLite', sqliteHome, []);
