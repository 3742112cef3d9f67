/**
 * The engine's calls as programs over its session: any model, loss and inner rule.
 * @module
 */
import type { EngineMethods } from "../../engine.ts";
import { programMethods } from "../../programmed.ts";
import type { Session } from "../session.ts";
import { openResidentTraining } from "../training.ts";
import { cpuExecutor } from "./executor.ts";
import { programGradient } from "./gradient.ts";
import type { ResidentPrograms } from "./resident.ts";

/** The calls; a training's learner resides in the session's memory. */
export function programCalls(session: Session, programs: ResidentPrograms): EngineMethods {
  return {
    ...programMethods(cpuExecutor(session, programs)),
    openTraining({ inner, learn, rule }, learner, moments) {
      const take = programGradient(session, programs, { inner, learn, like: learner });
      return Promise.resolve(openResidentTraining(session, { learn, rule }, { learner, moments }, take));
    },
  };
}
