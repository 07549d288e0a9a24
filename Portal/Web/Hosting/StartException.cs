namespace Flotilla.Portal.Web.Hosting;

/// <summary>Why the portal does not start; its message is the one line an operator reads.</summary>
internal sealed class StartException(string message) : Exception(message);
