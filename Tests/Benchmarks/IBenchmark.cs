namespace Flotilla.Benchmarks;

/// <summary>One name of <c>deploy/bench</c>.</summary>
public interface IBenchmark
{
    string Name { get; }

    /// <summary>One line for the list that a wrong name prints.</summary>
    string Description { get; }

    Task RunAsync(CancellationToken cancellationToken);
}
