using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Flotilla.NodeAgent.Host;

/// <summary>
/// What signals mean. SIGTERM and SIGINT end the agent alone: pods go on, and the next agent adopts them. When the machine goes
/// down, pods are to be ended first: SIGPWR says so, and SIGTERM does while systemd, which waits for its units, is stopping all of them.
/// </summary>
internal sealed class ProcessSignals : IDisposable
{
    private const PosixSignal PowerFailure = (PosixSignal)30;
    private static readonly TimeSpan SystemdPatience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource stopping;
    private readonly TaskCompletionSource machineGoesDown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] registrations;

    public ProcessSignals(CancellationToken cancellationToken)
    {
        stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, SystemStops())),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, machineToo: false)),
            PosixSignalRegistration.Create(PowerFailure, context => Stop(context, machineToo: true)),
        ];
    }

    public CancellationToken Stopping => stopping.Token;

    public Task MachineGoesDown => machineGoesDown.Task;

    public void Dispose()
    {
        Array.ForEach(registrations, registration => registration.Dispose());
        stopping.Dispose();
    }

    private void Stop(PosixSignalContext context, bool machineToo)
    {
        context.Cancel = true;
        // A second signal does not wait for pods any more.
        if (!machineToo || !machineGoesDown.TrySetResult())
        {
            stopping.Cancel();
        }
    }

    private static bool SystemStops()
    {
        if (!Directory.Exists("/run/systemd/system"))
        {
            return false;
        }

        using var systemctl = Process.Start(new ProcessStartInfo("systemctl", ["is-system-running"]) { RedirectStandardOutput = true, UseShellExecute = false });
        return systemctl is not null && systemctl.WaitForExit(SystemdPatience) && systemctl.StandardOutput.ReadToEnd().Trim() == "stopping";
    }
}
