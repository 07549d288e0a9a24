using Flotilla.Benchmarks;
using Flotilla.Benchmarks.Api;
using Flotilla.Benchmarks.Controllers;
using Flotilla.Benchmarks.ControlPlane;
using Flotilla.Benchmarks.Node;
using Flotilla.Benchmarks.SafeByDefault;
using Flotilla.Benchmarks.Scheduler;
using Flotilla.Benchmarks.Store;

// Every benchmark there is: deploy/bench NAME.
IBenchmark[] benchmarks =
[
    new ControlPlaneBenchmark(),
    new CreateClusterBenchmark(),
    new SchedulerBenchmark(),
    new ControllersBenchmark(),
    new SafeByDefaultBenchmark(),
    new ApiBenchmark(),
    new StoreBenchmark(),
    new NodeBenchmark(),
];

var wanted = args.Length == 0 ? benchmarks : [.. benchmarks.Where(benchmark => args.Contains(benchmark.Name))];
if (wanted.Length == 0)
{
    Console.Error.WriteLine($"There is no benchmark {string.Join(' ', args)}. There are:");
    foreach (var benchmark in benchmarks)
    {
        Console.Error.WriteLine($"  {benchmark.Name,-16} {benchmark.Description}");
    }

    return 2;
}

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};
foreach (var benchmark in wanted)
{
    await benchmark.RunAsync(stopping.Token);
}

return 0;
