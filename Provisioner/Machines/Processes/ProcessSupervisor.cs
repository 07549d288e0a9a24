using System.Diagnostics;
using System.Text.Json;
using Flotilla.Provisioner.Machines.Cgroups;

namespace Flotilla.Provisioner.Machines.Processes;

/// <summary>
/// Starts processes in sessions of their own, so that they outlive the provisioner, records them by pid and start time, and
/// finds them again after a restart.
/// </summary>
internal sealed class ProcessSupervisor(CgroupTree cgroups, TimeProvider clock)
{
    // $0 is the log file. The shell joins the cgroups, redirects and becomes the command, so the pid stays the one that was
    // started; the redirection closes the pipe to the supervisor, which is how it learns that the cgroups are joined.
    private const string EnterAndBecome = """
        while [ "$1" != -- ]; do echo $$ > "$1" || exit 126; shift; done
        shift
        exec </dev/null >>"$0" 2>&1
        exec "$@"
        """;

    /// <summary>The words by which nsenter(1) joins a process.</summary>
    public static string[] NamespacesOf(ProcessRecord holder) => [$"--target={holder.Pid}", "--net", "--mount", "--pid", "--ipc", "--uts"];

    public ProcessRecord? FindRunning(string recordFile) =>
        Read(recordFile) is { } record && ProcFs.IsRunning(record) ? record : null;

    /// <summary>Adopts the recorded process when it still runs, else starts it.</summary>
    public async Task<ProcessRecord> EnsureAsync(ProcessLaunch launch, CancellationToken cancellationToken) =>
        FindRunning(launch.RecordFile) ?? await StartAsync(launch, cancellationToken);

    /// <summary>Asks the process to end, kills it when it does not, and forgets it.</summary>
    public async Task StopAsync(string recordFile, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (FindRunning(recordFile) is { } record)
        {
            Signal.Send(record.Pid, Signal.Terminate);
            if (!await WaitForEndAsync(record, timeout, cancellationToken))
            {
                Signal.Send(record.Pid, Signal.Kill);
                await WaitForEndAsync(record, timeout, cancellationToken);
            }
        }

        if (File.Exists(recordFile)) { File.Delete(recordFile); }
    }

    private async Task<ProcessRecord> StartAsync(ProcessLaunch launch, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(launch.RecordFile)!);
        Directory.CreateDirectory(Path.GetDirectoryName(launch.LogFile)!);
        cgroups.Create(launch.Cgroup);
        var start = new ProcessStartInfo("/usr/bin/setsid", ArgumentsFor(launch))
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in launch.Environment) { start.Environment[name] = value; }
        using var process = Process.Start(start) ?? throw new MachineException($"{launch.Command[0]} did not start.");
        var record = ProcFs.Find(process.Id);
        await process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        if (record is not null && (launch.IsForked || launch.NamespacesOf is not null))
        {
            record = await AdoptChildAsync(record, cancellationToken);
        }

        if (record is null || !ProcFs.IsRunning(record))
        {
            var reason = error.Trim() is { Length: > 0 } said ? said : ProcessLog.LastWords(launch.LogFile);
            throw new MachineException($"{launch.Command[0]} ended as soon as it was started: {reason}");
        }

        Write(launch.RecordFile, record);
        return record;
    }

    /// <summary>Takes the place of a process that does nothing but wait for its child. Null when it ended before it had one.</summary>
    private async Task<ProcessRecord?> AdoptChildAsync(ProcessRecord parent, CancellationToken cancellationToken)
    {
        while (ProcFs.IsRunning(parent))
        {
            if (ProcFs.FindChild(parent.Pid) is { } child)
            {
                Signal.Send(parent.Pid, Signal.Kill);
                return child;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), clock, cancellationToken);
        }

        return null;
    }

    private IEnumerable<string> ArgumentsFor(ProcessLaunch launch)
    {
        string[] arguments = ["/bin/sh", "-c", EnterAndBecome, launch.LogFile, .. cgroups.MembershipFiles(launch.Cgroup), "--"];
        string[] enter = launch.NamespacesOf is { } holder ? ["/usr/bin/nsenter", .. NamespacesOf(holder), "--"] : [];
        return [.. arguments, .. enter, .. launch.Command];
    }

    private async Task<bool> WaitForEndAsync(ProcessRecord record, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (ProcFs.IsRunning(record))
        {
            if (clock.GetElapsedTime(started) > timeout) { return false; }
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }

        return true;
    }

    private static ProcessRecord? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), ProcessJson.Default.ProcessRecord);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null; // never started, or cut off while the record was written: the caller starts it again
        }
    }

    private static void Write(string file, ProcessRecord record)
    {
        var draft = file + ".new";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(record, ProcessJson.Default.ProcessRecord));
        File.Move(draft, file, overwrite: true);
    }
}
