using System.Diagnostics;

namespace Flotilla.Benchmarks.SafeByDefault;

/// <summary>Somebody who asks kubectl again and again while it happens, and how long each answer took.</summary>
internal sealed class Onlooker : IAsyncDisposable
{
    private static readonly string[][] questions = [["get", "nodes"], ["get", "namespaces"], ["get", "deployments", "-A"], ["get", "services", "-A"]];
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource stopping;
    private readonly Task[] looking;

    private Onlooker(KubectlCommand kubectl, Func<long> memory, CancellationToken cancellationToken)
    {
        stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        looking = [AskAsync(kubectl, stopping.Token), WeighAsync(memory, stopping.Token)];
    }

    /// <summary>In milliseconds, the start of kubectl included.</summary>
    public Samples Answers { get; } = new();

    /// <summary>In MiB.</summary>
    public Samples Memory { get; } = new();

    public static Onlooker Start(KubectlCommand kubectl, Func<long> memory, CancellationToken cancellationToken) => new(kubectl, memory, cancellationToken);

    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        // An answer that was no answer is what this looks for: it must not go unseen.
        foreach (var look in looking) { await look; }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(looking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task AskAsync(KubectlCommand kubectl, CancellationToken cancellationToken)
    {
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            var asked = Stopwatch.GetTimestamp();
            // The last question is waited for too.
            await kubectl.RunAsync(questions[i % questions.Length], CancellationToken.None);
            Answers.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            await Task.Delay(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WeighAsync(Func<long> memory, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Memory.Add(memory() / 1048576.0);
            await Task.Delay(pause * 4, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
