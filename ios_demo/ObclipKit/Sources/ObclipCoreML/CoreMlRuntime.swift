import ObclipKit
