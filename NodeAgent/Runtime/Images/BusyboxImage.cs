using System.Diagnostics;

namespace Flotilla.NodeAgent.Runtime.Images;

/// <summary>A statically linked busybox makes a whole small root file system: itself, a link for each applet, users and /tmp.</summary>
public static class BusyboxImage
{
    public static async Task AddBusyboxAsync(this OciImageBuilder image, string binary, CancellationToken cancellationToken)
    {
        image.AddFromHost(binary, "/bin/busybox");
        foreach (var applet in await AppletsAsync(binary, cancellationToken))
        {
            image.AddLink($"/bin/{applet}", "busybox");
        }

        image.AddDirectory("/tmp", (UnixFileMode)0b001_111_111_111)
            .AddDirectory("/root")
            .AddText("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n")
            .AddText("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
    }

    private static async Task<string[]> AppletsAsync(string binary, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(binary, ["--list"]) { RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException($"{binary} could not be started");
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(applet => applet != "busybox")];
    }
}
