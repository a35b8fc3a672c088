import ArgumentParser

/// The bounds of tasks.
struct TaskOptions: ParsableArguments {
    @Option(name: .setting(.maxTasks), help: Setting.maxTasks.argumentHelp)
    var maxTasks: String?

    @Option(name: .setting(.maxTasksPerPrincipal), help: Setting.maxTasksPerPrincipal.argumentHelp)
    var maxTasksPerPrincipal: String?

    @Option(name: .setting(.taskTTL), help: Setting.taskTTL.argumentHelp)
    var taskTTL: String?

    @Option(name: .setting(.taskPollInterval), help: Setting.taskPollInterval.argumentHelp)
    var taskPollInterval: String?

    @Option(name: .setting(.maxTaskResult), help: Setting.maxTaskResult.argumentHelp)
    var maxTaskResult: String?

    @Option(name: .setting(.maxTaskQuestions), help: Setting.maxTaskQuestions.argumentHelp)
    var maxTaskQuestions: String?

    @Option(name: .setting(.maxTaskQuestionBytes), help: Setting.maxTaskQuestionBytes.argumentHelp)
    var maxTaskQuestionBytes: String?

    @Option(name: .setting(.maxTaskAnswerBytes), help: Setting.maxTaskAnswerBytes.argumentHelp)
    var maxTaskAnswerBytes: String?

    @Option(name: .setting(.taskFollowInterval), help: Setting.taskFollowInterval.argumentHelp)
    var taskFollowInterval: String?

    @Option(name: .setting(.taskSweepInterval), help: Setting.taskSweepInterval.argumentHelp)
    var taskSweepInterval: String?

    var given: [(Setting, String?)] {
        [
            (.maxTasks, maxTasks),
            (.maxTasksPerPrincipal, maxTasksPerPrincipal),
            (.taskTTL, taskTTL),
            (.taskPollInterval, taskPollInterval),
            (.maxTaskResult, maxTaskResult),
            (.maxTaskQuestions, maxTaskQuestions),
            (.maxTaskQuestionBytes, maxTaskQuestionBytes),
            (.maxTaskAnswerBytes, maxTaskAnswerBytes),
            (.taskFollowInterval, taskFollowInterval),
            (.taskSweepInterval, taskSweepInterval),
        ]
    }
}
