namespace Flotilla.Provisioner.Plans.Engine;

/// <summary>One thing to bring about. Running it again when it is done already changes nothing.</summary>
/// <param name="Name">Unique in the plan and stable: a restarted operation finds its records by it.</param>
/// <param name="Title">What users read.</param>
public sealed record PlanStep(string Name, string Title, Func<CancellationToken, Task> RunAsync)
{
    /// <summary>The steps that must be done before.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Of one attempt.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    public int MaxAttempts { get; init; } = 4;

    /// <summary>Before the second attempt; doubled for each one after, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Takes back what the step made, also when it was made only in part. Null: nothing to take back.</summary>
    public Func<CancellationToken, Task>? UndoAsync { get; init; }
}
