using System.CommandLine;
using Flotilla.NodeAgent.Runtime.Images;

namespace Flotilla.NodeAgent.Host;

/// <summary><c>nodeagent image build</c>: a small OCI image from files of this machine, where no registry can be reached.</summary>
internal static class ImageCommand
{
    private static readonly Option<string> Name = new("--name") { Required = true, Description = "The image's full name, such as flotilla.local/pause:1" };
    private static readonly Option<string?> Binary = new("--binary") { Description = "A static binary for /bin; busybox brings its applets, users and /tmp" };
    private static readonly Option<string[]> Adds = new("--add") { Description = "HOSTPATH:IMAGEPATH, a file or a folder" };
    private static readonly Option<string[]> Links = new("--link") { Description = "IMAGEPATH:TARGET, a symbolic link" };
    private static readonly Option<string[]> Entrypoint = new("--entrypoint") { Description = "The entrypoint, once per word", AllowMultipleArgumentsPerToken = false };
    private static readonly Option<string[]> Cmd = new("--cmd") { Description = "The default arguments, once per word", AllowMultipleArgumentsPerToken = false };
    private static readonly Option<string[]> Env = new("--env") { Description = "NAME=VALUE" };
    private static readonly Option<string> User = new("--user") { Description = "uid[:gid]", DefaultValueFactory = _ => "" };
    private static readonly Option<string> WorkingDirectory = new("--workdir") { Description = "Where the process starts", DefaultValueFactory = _ => "/" };
    private static readonly Option<FileInfo> Output = new("--output") { Required = true, Description = "The archive to write" };

    public static Command Create()
    {
        var build = new Command("build", "Build an OCI image archive for `ctr images import`")
        {
            Name, Binary, Adds, Links, Entrypoint, Cmd, Env, User, WorkingDirectory, Output,
        };
        build.SetAction(BuildAsync);
        return new Command("image", "Small container images") { build };
    }

    private static async Task<int> BuildAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var image = new OciImageBuilder(arguments.GetRequiredValue(Name))
        {
            Entrypoint = arguments.GetValue(Entrypoint) ?? [],
            Command = arguments.GetValue(Cmd) ?? [],
            User = arguments.GetRequiredValue(User),
            WorkingDirectory = arguments.GetRequiredValue(WorkingDirectory),
            Environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", .. arguments.GetValue(Env) ?? []],
        };
        try
        {
            await FillAsync(image, arguments, cancellationToken);
            await using var output = arguments.GetRequiredValue(Output).Create();
            image.WriteTo(output);
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            await Console.Error.WriteLineAsync($"nodeagent: {exception.Message}");
            return 1;
        }
    }

    private static async Task FillAsync(OciImageBuilder image, ParseResult arguments, CancellationToken cancellationToken)
    {
        switch (arguments.GetValue(Binary))
        {
            case null:
                break;
            case var busybox when Path.GetFileName(busybox) == "busybox":
                await image.AddBusyboxAsync(busybox, cancellationToken);
                break;
            case var binary:
                image.AddFromHost(binary, $"/bin/{Path.GetFileName(binary)}");
                break;
        }

        foreach (var (hostPath, imagePath) in (arguments.GetValue(Adds) ?? []).Select(Pair))
        {
            image.AddFromHost(hostPath, imagePath);
        }

        foreach (var (path, target) in (arguments.GetValue(Links) ?? []).Select(Pair))
        {
            image.AddLink(path, target);
        }
    }

    private static (string First, string Second) Pair(string value) => value.Split(':') is [{ Length: > 0 } first, { Length: > 0 } second]
        ? (first, second)
        : throw new FormatException($"'{value}' is not of the form A:B");
}
