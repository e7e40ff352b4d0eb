package org.ipex4j.app;

import org.ipex4j.app.bench.BenchCommand;
import org.ipex4j.app.train.TrainCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The {@code ipex} command. */
@Command(
        name = "ipex",
        description = "Runs DJL models on the CPU, compiled.",
        mixinStandardHelpOptions = true,
        version = "ipex4j 0.1.0",
        subcommands = {
            TrainCommand.class,
            ClassifyCommand.class,
            ExplainCommand.class,
            BenchCommand.class,
            HelpCommand.class
        })
public final class Main implements Runnable {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    private Main() {}

    /** Runs a command and exits with its code: 0 well, 1 failed, 2 misused. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The whole command, for a process or a test to run. */
    public static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler(Main::report);
    }

    private static int report(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        command.getErr()
                .println("ipex: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
        if (System.getenv("IPEX_STACKTRACE") != null) {
            e.printStackTrace(command.getErr());
        } else {
            command.getErr().println("      (IPEX_STACKTRACE=1 shows where)");
        }
        return 1;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
